using DataPlane.Http.Bodies;

namespace DataPlane.Tests.Http.Bodies;

/// <summary>Outcome of a whole chunked body: the last status, the fault, all data, and how many bytes were
/// taken.</summary>
internal sealed record ChunkVerdict(ChunkStatus Status, ChunkFault Fault, string Content, int Consumed)
{
    public static ChunkVerdict Of(string body, ChunkedDecoder? decoder = null)
    {
        var bytes = Latin1.Bytes(body);
        var start = decoder ?? new ChunkedDecoder(200, 4, 60, 100);
        var whole = Read(bytes, [bytes.Length], start);
        for (var split = 1; split < bytes.Length; split++)
            Assert.Equal(whole, Read(bytes, [split, bytes.Length], start));
        Assert.Equal(whole, Read(bytes, Enumerable.Range(1, bytes.Length), start));
        return whole;
    }

    /// <summary>Each end is how far the bytes have arrived; the decoder's contract is checked on the way.</summary>
    public static ChunkVerdict Read(byte[] bytes, IEnumerable<int> ends, ChunkedDecoder decoder)
    {
        var content = "";
        var at = 0;
        var status = ChunkStatus.NeedMore;
        foreach (var end in ends)
        {
            do
            {
                var given = bytes.AsSpan(at, end - at);
                status = decoder.Read(given, out var consumed, out var data);
                Assert.InRange(consumed, 0, given.Length);
                Assert.Equal(status == ChunkStatus.Data, !data.IsEmpty);
                Assert.True(status != ChunkStatus.NeedMore || consumed == given.Length);
                if (status == ChunkStatus.Data)
                {
                    Assert.Equal(consumed, data.End);
                    content += Latin1.Text(data.Of(given));
                }

                at += consumed;
            }
            while (status == ChunkStatus.Data);
        }

        Assert.Equal(status == ChunkStatus.End, decoder.HasEnded);
        return new ChunkVerdict(status, decoder.Fault, content, at);
    }
}

using DataPlane.Http.Bodies;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Bodies;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Chunked bodies: one answer for every split, the bytes taken are exactly the body's, and what comes out is the same
/// when it is chunked again.
/// </summary>
public sealed class ChunkedFuzzTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly byte[][] s_seeds =
    [
        "0\r\n\r\n"u8.ToArray(), "0000000000000000\r\n\r\n"u8.ToArray(),
        "5;e=1\r\nhello\r\n00;f\r\nX-Sum: 9\r\n\r\n"u8.ToArray(),
        "a\r\n0123456789\r\n1\r\n-\r\n0\r\n\r\n"u8.ToArray(), .. FuzzSeeds.Chunks,
    ];

    private static readonly string[] s_notTrailers =
        ["content-length", "transfer-encoding", "host", "connection", "trailer", "authorization", "cookie", "te"];

    [Fact]
    public void Answer_IsTheSameForEverySplit() => FuzzRun.Check(
        s_seeds,
        Mutation.Http,
        bytes =>
        {
            var start = new ChunkedDecoder(100, 3, 30);
            var whole = ChunkVerdict.Read(bytes, [bytes.Length], start);
            var random = new Random(bytes.Length);
            var splits = Enumerable.Range(0, 6).Select(_ => random.Next(bytes.Length + 1)).Order();
            Assert.Equal(whole, ChunkVerdict.Read(bytes, [.. splits, bytes.Length], start));
            return whole.Status == ChunkStatus.End;
        },
        takenOneIn: 200);

    [Fact]
    public void Body_EndsWhereAStrictReaderEndsIt() => FuzzRun.Check(
        s_seeds,
        Mutation.Http,
        bytes =>
        {
            var ours = ChunkVerdict.Read(bytes, [bytes.Length], new ChunkedDecoder(8192, 100, 256));
            if (ours.Status != ChunkStatus.End) return false;
            var strict = StrictRequestCheck.Examine([.. Latin1.Bytes(Head), .. bytes]);
            if (strict.Fault?.StartsWith("trailer:", StringComparison.Ordinal) == true) return true;
            Assert.Null(strict.Fault);
            Assert.Equal(Head.Length + ours.Consumed, strict.Bytes);
            return true;
        },
        takenOneIn: 200);

    [Fact]
    public void GatheredTrailers_AreCleanAndMayBeOnes() => FuzzRun.Check(
        s_seeds,
        Mutation.Http,
        bytes =>
        {
            var whole = new TrailerFields();
            var answer = ChunkVerdict.Read(bytes, [bytes.Length], new ChunkedDecoder(8192, 100, 256, trailers: whole));
            var pieces = new TrailerFields();
            int half = bytes.Length / 2;
            ChunkVerdict.Read(bytes, [half, bytes.Length], new ChunkedDecoder(8192, 100, 256, trailers: pieces));
            if (answer.Status != ChunkStatus.End) return false;
            string lines = Latin1.Text(whole.Lines);
            Assert.Equal(lines, Latin1.Text(pieces.Lines));
            string[] each = lines.Split("\r\n")[..^1];
            Assert.Equal(each.Length, whole.Count);
            Assert.All(each, line =>
            {
                Assert.DoesNotContain(line, one => one is '\r' or '\n' or '\0');
                string name = line[..line.IndexOf(": ", StringComparison.Ordinal)].ToLowerInvariant();
                Assert.DoesNotContain(name, one => one is <= ' ' or > '~');
                Assert.DoesNotContain(name, s_notTrailers);
            });
            return true;
        },
        takenOneIn: 200);

    [Fact]
    public void Content_IsTheSameWhenChunkedAgain() => FuzzRun.Check(
        s_seeds,
        Mutation.Http,
        bytes =>
        {
            var first = ChunkVerdict.Read(bytes, [bytes.Length], new ChunkedDecoder(8192, 100, 256));
            if (first.Status != ChunkStatus.End) return false;
            var line = new byte[ChunkedEncoder.MaxSizeLineBytes];
            int size = first.Content.Length == 0 ? 0 : ChunkedEncoder.WriteSizeLine(line, first.Content.Length);
            byte[] again =
            [
                .. line.AsSpan(0, size), .. Latin1.Bytes(first.Content),
                .. size == 0 ? [] : ChunkedEncoder.Crlf, .. ChunkedEncoder.FinalChunk,
            ];
            var second = ChunkVerdict.Read(again, [again.Length], new ChunkedDecoder(0, 0, 0));
            Assert.Equal(new ChunkVerdict(ChunkStatus.End, ChunkFault.None, first.Content, again.Length), second);
            return true;
        },
        takenOneIn: 200);
}

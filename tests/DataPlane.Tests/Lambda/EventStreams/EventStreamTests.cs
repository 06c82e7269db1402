using System.Text;
using DataPlane.Lambda.EventStreams;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Tests.Lambda.EventStreams;

/// <summary>The event stream encoding, both ways. Its examples with checksums are those of AWS's own SDKs.</summary>
public sealed class EventStreamTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Crc32_IsThatOfEthernet(string text, uint checksum) =>
        Assert.Equal(checksum, Crc32.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc32_InPieces_IsTheSame()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).Select(each => (byte)(each * 7))];
        for (int cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(Crc32.Of(bytes), Crc32.Of(Crc32.Of(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    }

    [Theory]
    [InlineData("00000010000000000 5c248eb7d98c8ff", "")]
    [InlineData("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936", "{'foo':'bar'}")]
    public void KnownMessages_AreRead(string hex, string payload)
    {
        ReadOnlySpan<byte> bytes = Convert.FromHexString(hex.Replace(" ", ""));
        var reader = new EventStreamReader();
        Assert.Equal(EventStreamStatus.Message, reader.Read(ref bytes, out var message));
        Assert.Equal(payload, Encoding.ASCII.GetString(message.Payload));
        Assert.True(bytes.IsEmpty);
        Assert.False(reader.HasPart);
    }

    [Fact]
    public void WrittenMessages_AreReadFromAnyPieces()
    {
        var written = new PayloadBuffer();
        EventStreamWriter.WriteChunk(written, "first"u8);
        EventStreamWriter.WriteChunk(written, ""u8);
        EventStreamWriter.WriteComplete(written, "{\"ErrorCode\":\"x\"}"u8);
        for (int size = 1; size <= written.Length; size++)
        {
            var seen = new List<string>();
            var reader = new EventStreamReader();
            for (int at = 0; at < written.Length; at += size)
            {
                ReadOnlySpan<byte> piece = written.Span.Slice(at, Math.Min(size, written.Length - at));
                while (reader.Read(ref piece, out var message) == EventStreamStatus.Message)
                {
                    seen.Add($"{Encoding.ASCII.GetString(message.Kind)} {Encoding.ASCII.GetString(message.Name)} "
                        + Encoding.ASCII.GetString(message.Payload));
                }
            }
            Assert.Equal(
                ["event PayloadChunk first", "event PayloadChunk ", "event InvokeComplete {\"ErrorCode\":\"x\"}"],
                seen);
        }
    }

    [Fact]
    public void AnyChangedByte_BreaksTheStream()
    {
        var written = new PayloadBuffer();
        EventStreamWriter.WriteChunk(written, "some payload"u8);
        for (int at = 0; at < written.Length; at++)
        {
            byte[] changed = written.Span.ToArray();
            changed[at] ^= 0x20;
            ReadOnlySpan<byte> bytes = changed;
            var reader = new EventStreamReader();
            Assert.Equal(EventStreamStatus.Broken, reader.Read(ref bytes, out _));
        }
    }

    [Theory]
    [InlineData(15u, 0u)]
    [InlineData(17u, 2u)]
    [InlineData(0u, 0u)]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(100u, uint.MaxValue)]
    [InlineData(20_000_000u, 0u)]
    public void LengthsThatCannotBe_BreakTheStream(uint length, uint headers)
    {
        byte[] prelude = new byte[12];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(prelude, length);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(prelude.AsSpan(4), headers);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            prelude.AsSpan(8), Crc32.Of(prelude.AsSpan(0, 8)));
        ReadOnlySpan<byte> bytes = prelude;
        Assert.Equal(EventStreamStatus.Broken, new EventStreamReader().Read(ref bytes, out _));
    }

    [Theory]
    [InlineData("0161")]
    [InlineData("016107")]
    [InlineData("01610700056162")]
    [InlineData("01610a")]
    [InlineData("ff61")]
    public void HeadersThatAreNone_BreakTheStream(string headersHex)
    {
        byte[] headers = Convert.FromHexString(headersHex);
        byte[] whole = new byte[16 + headers.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(whole, whole.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(whole.AsSpan(4), headers.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(8), Crc32.Of(whole.AsSpan(0, 8)));
        headers.CopyTo(whole, 12);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            whole.AsSpan(whole.Length - 4), Crc32.Of(whole.AsSpan(0, whole.Length - 4)));
        ReadOnlySpan<byte> bytes = whole;
        Assert.Equal(EventStreamStatus.Broken, new EventStreamReader().Read(ref bytes, out _));
    }
}

using BenchmarkDotNet.Attributes;
using DataPlane.Http.Bodies;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="ChunkedDecoder"/>. One body per operation.</summary>
[MemoryDiagnoser]
public class ChunkedDecoderBenchmarks
{
    private readonly byte[] _oneChunk = SampleMessages.Chunked(chunks: 1, chunkBytes: 10_000);
    private readonly byte[] _smallChunks = SampleMessages.Chunked(chunks: 100, chunkBytes: 16);
    private readonly byte[] _extensions = SampleMessages.Bytes(
        "5;name=value;other=\"quoted\"\r\nhello\r\n0\r\nX-Checksum: 0123456789abcdef\r\n\r\n");
    private readonly byte[] _refused = SampleMessages.Bytes("5;a\nhello\r\n0\r\n\r\n");

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(10_000, OneLargeChunk());
        Expect.Same(1600, HundredSmallChunks());
        Expect.Same(5, ExtensionAndTrailer());
        Expect.Same(-1, Refused());
    }

    [Benchmark]
    public int OneLargeChunk() => Decode(_oneChunk);

    [Benchmark]
    public int HundredSmallChunks() => Decode(_smallChunks);

    [Benchmark]
    public int ExtensionAndTrailer() => Decode(_extensions);

    [Benchmark]
    public int Refused() => Decode(_refused);

    /// <summary>Bytes of data, or -1 when the framing is broken.</summary>
    private static int Decode(ReadOnlySpan<byte> bytes)
    {
        var decoder = new ChunkedDecoder(maxTrailerBytes: 1024, maxTrailerFields: 16, maxExtensionBytesPerChunk: 256);
        var total = 0;
        while (true)
        {
            var status = decoder.Read(bytes, out var consumed, out var data);
            if (status == ChunkStatus.End) return total;
            if (status != ChunkStatus.Data) return -1;
            total += data.Length;
            bytes = bytes[consumed..];
        }
    }
}

using BenchmarkDotNet.Attributes;
using DataPlane.Http.WebSockets;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="FrameWalker"/>. One run of received bytes per operation.</summary>
[MemoryDiagnoser]
public class FrameWalkerBenchmarks
{
    private readonly byte[] _small = Frames(count: 1, payloadBytes: 32);
    private readonly byte[] _manySmall = Frames(count: 100, payloadBytes: 32);
    private readonly byte[] _large = Frames(count: 1, payloadBytes: 60_000);

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(true, SmallMessage());
        Expect.Same(true, HundredSmallMessages());
        Expect.Same(true, LargeMessage());
        Expect.Same(true, ByteByByte());
    }

    [Benchmark]
    public bool SmallMessage() => Walk(_small, _small.Length);

    [Benchmark]
    public bool HundredSmallMessages() => Walk(_manySmall, _manySmall.Length);

    [Benchmark]
    public bool LargeMessage() => Walk(_large, _large.Length);

    [Benchmark]
    public bool ByteByByte() => Walk(_small, 1);

    /// <summary>As a client sends them: masked.</summary>
    private static byte[] Frames(int count, int payloadBytes)
    {
        byte[] header = payloadBytes < 126
            ? [0x82, (byte)(0x80 | payloadBytes), 1, 2, 3, 4]
            : [0x82, 0xfe, (byte)(payloadBytes >> 8), (byte)payloadBytes, 1, 2, 3, 4];
        byte[] frame = [.. header, .. new byte[payloadBytes]];
        return [.. Enumerable.Repeat(frame, count).SelectMany(static each => each)];
    }

    /// <summary>True when the bytes end between two frames.</summary>
    private static bool Walk(ReadOnlySpan<byte> bytes, int pieceBytes)
    {
        var walker = new FrameWalker();
        for (var at = 0; at < bytes.Length; at += pieceBytes)
        {
            if (!walker.Walk(bytes.Slice(at, Math.Min(pieceBytes, bytes.Length - at)))) return false;
        }
        return walker.IsBetweenFrames;
    }
}

using System.Buffers.Binary;
using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Http.Http2;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot types: <see cref="Http2InputWatch"/>, <see cref="Http2OutputWatch"/> and <see cref="TextCache"/>, what each
/// HTTP/2 exchange passes beside Kestrel's server. One call of the watches is 16 streams in one piece.
/// </summary>
[MemoryDiagnoser]
public class Http2WatchBenchmarks
{
    private const int Streams = 16;
    private const byte EndStream = 0x1;

    private readonly byte[] _preface = new byte[24];
    private readonly byte[] _requests = Frames(headBytes: 60, bodyBytes: 0);
    private readonly byte[] _responses = Frames(headBytes: 40, bodyBytes: 128);
    private readonly TextCache _texts = new();
    private EventLoop _loop = null!;
    private Http2InputWatch _input = null!;
    private Http2OutputWatch _output = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _loop = new EventLoop(0, new PortableEngine(), TimeProvider.System);
        var budget = new Http2GlitchBudget(_loop, new Http2Glitches(), limit: 100);
        _output = new Http2OutputWatch(budget);
        _input = new Http2InputWatch(budget, _output, maxStreams: int.MaxValue / 4);
        _input.Look(_preface);
        Expect.Same(Streams, Output());
        Expect.That(!budget.IsUsedUp && Input(), "nobody does anything wrong");
        Expect.Same("text/plain", Text());
    }

    [GlobalCleanup]
    public void CleanUp() => _loop.Dispose();

    [Benchmark]
    public bool Input()
    {
        _input.Look(_requests);
        return true;
    }

    /// <summary>The streams that ended.</summary>
    [Benchmark]
    public int Output()
    {
        _output.Look(_responses);
        return _output.TakeEnded();
    }

    [Benchmark]
    public string Text() => _texts.Of("text/plain"u8);

    /// <summary>Per stream HEADERS, and DATA if there is a body.</summary>
    private static byte[] Frames(int headBytes, int bodyBytes)
    {
        using var frames = new MemoryStream();
        for (int stream = 1; stream < Streams * 2; stream += 2)
        {
            Write(frames, Http2FrameType.Headers, bodyBytes == 0 ? EndStream : (byte)0, stream, headBytes);
            if (bodyBytes > 0) Write(frames, Http2FrameType.Data, EndStream, stream, bodyBytes);
        }
        return frames.ToArray();
    }

    private static void Write(Stream frames, Http2FrameType type, byte flags, int stream, int length)
    {
        Span<byte> head = stackalloc byte[Http2FrameWalk.HeadBytes];
        BinaryPrimitives.WriteInt32BigEndian(head, length << 8);
        head[3] = (byte)type;
        head[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(head[5..], stream);
        frames.Write(head);
        frames.Write(Encoding.ASCII.GetBytes(new string('x', length)));
    }
}

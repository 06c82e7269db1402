using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http.Http2;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// A whole exchange with an HTTP/2 upstream in memory: from the client's bytes through pipeline, header block, stream
/// and frames to the reply. One stream per operation, on a connection that is warm.
/// </summary>
[MemoryDiagnoser]
public class Http2UpstreamBenchmarks
{
    private const int BodyBytes = 21;

    // :status 200, content-type: application/json, both as every connection knows them after the first answer.
    private readonly byte[] _answer = Frames(
        (Http2FrameType.Headers, Http2Flags.EndHeaders, [0x88, 0xbe]),
        (Http2FrameType.Data, Http2Flags.EndStream, new byte[BodyBytes]));

    private readonly byte[] _answerWithTrailers = Frames(
        (Http2FrameType.Headers, Http2Flags.EndHeaders, [0x88, 0xbe]),
        (Http2FrameType.Data, Http2Flags.None, new byte[BodyBytes]),
        (Http2FrameType.Headers, Http2Flags.EndHeaders | Http2Flags.EndStream, [0xbf]));

    private readonly byte[] _get = SampleMessages.Request("GET", "/calls/42");
    private readonly byte[] _post =
        [.. SampleMessages.Request("POST", "/calls/42", "Content-Length: 21"), .. SampleMessages.Body(BodyBytes)];
    private GatewayRig _rig = null!;
    private PreparedExchange _typical = null!;
    private int _stream = 1;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _typical = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        Expect.Same(GrpcKind.None, Kind());
        byte[] first =
        [
            .. Frame(Http2FrameType.Settings, Http2Flags.None, 0, []),
            .. Frame(Http2FrameType.Headers, Http2Flags.EndHeaders | Http2Flags.EndStream, 1,
            [
                0x88, 0x40, 11, .. "grpc-status"u8, 1, (byte)'0', 0x5f, 16, .. "application/json"u8,
            ]),
        ];
        _rig.Client.Input.Receive(_get);
        _rig.Upstream.Input.Receive(first);
        string answer = _rig.AnswerTo(() => Get());
        Expect.That(answer.StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal), answer);
        Expect.That(answer.Contains("content-type: application/json\r\n", StringComparison.Ordinal), answer);
        answer = _rig.AnswerTo(() => PostWithTrailers());
        Expect.That(answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal), answer);
        Expect.Same(1, _rig.Connector.Connects);
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public long Get() => Call(_get, _answer);

    [Benchmark]
    public long PostWithTrailers() => Call(_post, _answerWithTrailers);

    [Benchmark]
    public GrpcKind Kind() => GrpcKinds.Of(_typical.Exchange);

    private long Call(byte[] request, byte[] answer)
    {
        _stream += 2;
        for (int at = 0; at < answer.Length; at += Http2FrameHead.Bytes + Http2FrameHead.Read(answer.AsSpan(at)).Length)
        {
            // The window's is the connection's.
            bool isStreams = answer[at + 3] != (byte)Http2FrameType.WindowUpdate;
            if (isStreams) BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(at + 5), _stream);
        }
        return _rig.Proxy(request, answer);
    }

    /// <summary>With what the request has taken of the connection's window given back.</summary>
    private static byte[] Frames(params (Http2FrameType Type, Http2Flags Flags, byte[] Payload)[] frames) =>
    [
        .. Frame(Http2FrameType.WindowUpdate, Http2Flags.None, 0, [0, 0, 0, BodyBytes]),
        .. frames.SelectMany(each => Frame(each.Type, each.Flags, 1, each.Payload)),
    ];

    private static byte[] Frame(Http2FrameType type, Http2Flags flags, int stream, byte[] payload)
    {
        byte[] frame = [.. new byte[Http2FrameHead.Bytes], .. payload];
        new Http2FrameHead(payload.Length, type, flags, stream).Write(frame);
        return frame;
    }
}

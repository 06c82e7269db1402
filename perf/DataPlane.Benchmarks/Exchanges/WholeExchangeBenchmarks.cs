using BenchmarkDotNet.Attributes;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// The whole exchange in memory: from the client's bytes in the loop's buffer to the reply in the client's, through
/// Http1Connection, ExchangeProcessor, integration, sink and recorders. One exchange per operation; what the kernel and
/// the transport cost comes on top. Requests are of the size browsers send.
/// </summary>
[MemoryDiagnoser]
public class WholeExchangeBenchmarks
{
    private const int Pipelined = 16;

    private readonly byte[] _mock = SampleMessages.Request("GET", "/ping");
    private readonly byte[] _noRoute = SampleMessages.Request("GET", "/nobody/here");
    private readonly byte[] _redirect = SampleMessages.Request("GET", "/old/42");
    private readonly byte[] _get = SampleMessages.TypicalRequest;
    private readonly byte[] _rewritten = SampleMessages.Request("GET", "/v1/users/42");
    private readonly byte[] _post =
        [.. SampleMessages.Request("POST", "/users/42", "Content-Length: 10000"), .. SampleMessages.Body(10_000)];
    private readonly byte[] _chunkedPost =
    [
        .. SampleMessages.Request("POST", "/users/42", "Transfer-Encoding: chunked"),
        .. SampleMessages.Chunked(chunks: 4, chunkBytes: 2500),
    ];
    private readonly byte[] _pipelined =
        [.. Enumerable.Repeat(SampleMessages.Request("GET", "/ping"), Pipelined).SelectMany(request => request)];
    private readonly byte[] _chunkedResponse =
    [
        .. SampleMessages.ResponseHead("Transfer-Encoding: chunked"),
        .. SampleMessages.Chunked(chunks: 4, chunkBytes: 32),
    ];
    private readonly byte[] _largeResponseStart =
        [.. SampleMessages.ResponseHead("Content-Length: 100000"), .. SampleMessages.Body(16_000)];
    private readonly byte[] _largeResponseRest = SampleMessages.Body(84_000);
    private GatewayRig _rig = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        CheckAnswer(() => Mock(), "200 OK", "\r\n\r\npong");
        CheckAnswer(() => NoRoute(), "404 Not Found", "\"}");
        CheckAnswer(() => Redirect(), "308 Permanent Redirect", "\r\n\r\n");
        CheckAnswer(() => ProxiedGet(), "200 OK", "bbb");
        CheckAnswer(() => ProxiedGetRewritten(), "200 OK", "bbb");
        CheckAnswer(() => ProxiedGetToSlowClient(), "200 OK", "bbb");
        CheckAnswer(() => ProxiedGetChunked(), "200 OK", "bb\r\n0\r\n\r\n");
        CheckAnswer(() => ProxiedGet100KBytes(), "200 OK", "bbb");
        CheckAnswer(() => ProxiedPost10KBytes(), "200 OK", "bbb");
        var forwarded = _rig.ForwardedBy(() => ProxiedGetRewritten());
        Expect.That(forwarded.StartsWith("GET /users/42 HTTP/1.1\r\n", StringComparison.Ordinal), forwarded);
        Expect.That(forwarded.Contains("X-Tenant: blue\r\n", StringComparison.Ordinal), forwarded);
        Expect.Same(10_000, _rig.ForwardedBy(() => ProxiedPost10KBytes()).Split("\r\n\r\n")[1].Length);
        forwarded = _rig.ForwardedBy(() => ProxiedChunkedPost10KBytes());
        Expect.That(forwarded.EndsWith("b\r\n0\r\n\r\n", StringComparison.Ordinal), forwarded);
        var sends = _rig.Client.Output.Sends;
        Expect.Same(Pipelined, _rig.AnswerTo(() => PipelinedMocks()).Split("pong").Length - 1);
        Expect.Same(sends + 1, _rig.Client.Output.Sends);
        var metrics = _rig.MetricsText();
        Expect.That(metrics.Contains("route=\"rewritten\",method=\"GET\"", StringComparison.Ordinal), metrics);
        // Everything above went over one upstream connection: it is warm in every operation below.
        Expect.Same(1, _rig.Connector.Connects);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _rig.Dispose();
        Expect.That(_rig.LogOutput.Bytes > 0, "exchanges are logged");
    }

    [Benchmark]
    public long Mock() => _rig.Serve(_mock);

    [Benchmark]
    public long NoRoute() => _rig.Serve(_noRoute);

    [Benchmark]
    public long Redirect() => _rig.Serve(_redirect);

    [Benchmark(OperationsPerInvoke = Pipelined)]
    public long PipelinedMocks() => _rig.Serve(_pipelined);

    [Benchmark]
    public long ProxiedGet() => _rig.Proxy(_get, SampleMessages.TypicalResponse);

    /// <summary>Through a template and header rules both ways.</summary>
    [Benchmark]
    public long ProxiedGetRewritten() => _rig.Proxy(_rewritten, SampleMessages.TypicalResponse);

    /// <summary>The client's window is full: the reply waits.</summary>
    [Benchmark]
    public long ProxiedGetToSlowClient()
    {
        var output = _rig.Client.Output;
        output.IsSlow = true;
        _rig.Proxy(_get, SampleMessages.TypicalResponse);
        output.IsSlow = false;
        output.Drain();
        return output.Sent;
    }

    [Benchmark]
    public long ProxiedGetChunked() => _rig.Proxy(_get, _chunkedResponse);

    /// <summary>In the two pieces in which it comes, relayed from the loop's buffer: splice needs sockets.</summary>
    [Benchmark]
    public long ProxiedGet100KBytes() => _rig.Proxy(_get, _largeResponseStart, _largeResponseRest);

    [Benchmark]
    public long ProxiedPost10KBytes() => _rig.Proxy(_post, SampleMessages.TypicalResponse);

    [Benchmark]
    public long ProxiedChunkedPost10KBytes() => _rig.Proxy(_chunkedPost, SampleMessages.TypicalResponse);

    private void CheckAnswer(Action serve, string status, string end)
    {
        var answer = _rig.AnswerTo(serve);
        Expect.That(answer.StartsWith($"HTTP/1.1 {status}\r\n", StringComparison.Ordinal), $"{status}: {answer}");
        Expect.That(answer.EndsWith(end, StringComparison.Ordinal), $"ends with {end}: {answer}");
        Expect.That(!answer.Contains("Connection: close", StringComparison.Ordinal), $"keeps alive: {answer}");
    }
}

using BenchmarkDotNet.Attributes;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// What a flood of bad requests costs beside good ones: each on a connection of its own, from its beginning to its
/// close, since most refusals close. <see cref="Good"/> is the cheapest good answer there is, the one to compare with.
/// </summary>
[MemoryDiagnoser]
public class RefusalBenchmarks
{
    private const int TooManyFieldLines = 101;

    private readonly byte[] _good = SampleMessages.Request("GET", "/ping", "Connection: close");
    private readonly byte[] _malformed = SampleMessages.Request("GET", "/ping", "Bad Field: x");
    private readonly byte[] _tooManyFields = SampleMessages.Request(
        "GET", "/ping", string.Join("\r\n", Enumerable.Repeat("X-A: 1", TooManyFieldLines)));
    private readonly byte[] _tooLongLine = SampleMessages.Request("GET", $"/{new string('a', 9000)}");
    private readonly byte[] _tooLargeBody = SampleMessages.Request("POST", "/ping", "Content-Length: 99999999");
    private readonly byte[] _wrongMethod = SampleMessages.Request("POST", "/only-get", "Connection: close");
    private readonly byte[] _noRoute = SampleMessages.Request("GET", "/nobody/here", "Connection: close");
    private GatewayRig _rig = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        Check(_good, "200 OK");
        Check(_malformed, "400 Bad Request");
        Check(_tooManyFields, "431 Request Header Fields Too Large");
        Check(_tooLongLine, "414 URI Too Long");
        Check(_tooLargeBody, "413 Content Too Large");
        Check(_wrongMethod, "405 Method Not Allowed");
        Check(_noRoute, "404 Not Found");
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark(Baseline = true)]
    public long Good() => _rig.ServeOnce(_good);

    [Benchmark]
    public long Malformed() => _rig.ServeOnce(_malformed);

    [Benchmark]
    public long TooManyFields() => _rig.ServeOnce(_tooManyFields);

    [Benchmark]
    public long TooLongLine() => _rig.ServeOnce(_tooLongLine);

    [Benchmark]
    public long TooLargeBody() => _rig.ServeOnce(_tooLargeBody);

    [Benchmark]
    public long WrongMethod() => _rig.ServeOnce(_wrongMethod);

    [Benchmark]
    public long NoRoute() => _rig.ServeOnce(_noRoute);

    private void Check(byte[] request, string status)
    {
        string answer = _rig.AnswerOnce(request);
        Expect.That(answer.StartsWith($"HTTP/1.1 {status}\r\n", StringComparison.Ordinal), $"{status}: {answer}");
        Expect.That(answer.Contains("Connection: close", StringComparison.Ordinal), answer);
    }
}

using BenchmarkDotNet.Attributes;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="ResponseHeadParser"/>. One head per operation.</summary>
[MemoryDiagnoser]
public class ResponseHeadParserBenchmarks
{
    private readonly ResponseHead _head = new();
    private readonly HeadLimits _limits = HeadLimits.Default;
    private readonly byte[] _small = SampleMessages.Bytes("HTTP/1.1 200 OK\r\nContent-Length: 128\r\n\r\n");
    private readonly byte[] _refused = SampleMessages.Bytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 128\r\nContent-Length: 129\r\n\r\n");

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(ParseStatus.Complete, Small());
        Expect.Same(ParseStatus.Complete, Typical());
        Expect.Same(128L, _head.ContentLength);
        Expect.Same(ParseStatus.Invalid, Refused());
    }

    [Benchmark]
    public ParseStatus Small() => Parse(_small);

    [Benchmark]
    public ParseStatus Typical() => Parse(SampleMessages.TypicalResponse);

    [Benchmark]
    public ParseStatus Refused() => Parse(_refused);

    private ParseStatus Parse(byte[] bytes)
    {
        _head.Reset();
        return ResponseHeadParser.Parse(bytes, _head, RequestMethod.Get, _limits);
    }
}

using BenchmarkDotNet.Attributes;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="RequestHeadParser"/>. One head per operation.</summary>
[MemoryDiagnoser]
public class RequestHeadParserBenchmarks
{
    private const int ManyFields = 100;

    private readonly RequestHead _head = new();
    private readonly HeadLimits _limits = HeadLimits.Default;
    private readonly byte[] _manyFields = SampleMessages.Bytes(
        "GET / HTTP/1.1\r\nHost: localhost\r\n"
        + string.Concat(Enumerable.Range(2, ManyFields - 1).Select(field => $"X-Field-{field}: value {field}\r\n"))
        + "\r\n");
    private readonly byte[] _refused = SampleMessages.Bytes(
        "POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(45, SampleMessages.SmallRequest.Length);
        Expect.That(SampleMessages.TypicalRequest.Length is > 400 and < 460, "a typical head has about 430 bytes");
        Expect.Same(ParseStatus.Complete, Small());
        Expect.Same(ParseStatus.Complete, Typical());
        Expect.Same(10, _head.Fields.Length);
        Expect.Same(ParseStatus.Complete, TypicalInTwoPieces());
        Expect.Same(ParseStatus.Complete, HundredFields());
        Expect.Same(ManyFields, _head.Fields.Length);
        Expect.Same(ParseStatus.Invalid, Refused());
    }

    [Benchmark]
    public ParseStatus Small() => Parse(SampleMessages.SmallRequest);

    [Benchmark]
    public ParseStatus Typical() => Parse(SampleMessages.TypicalRequest);

    [Benchmark]
    public ParseStatus TypicalInTwoPieces()
    {
        _head.Reset();
        var bytes = SampleMessages.TypicalRequest;
        RequestHeadParser.Parse(bytes.AsSpan(0, bytes.Length / 2), _head, _limits);
        return RequestHeadParser.Parse(bytes, _head, _limits);
    }

    [Benchmark]
    public ParseStatus HundredFields() => Parse(_manyFields);

    [Benchmark]
    public ParseStatus Refused() => Parse(_refused);

    private ParseStatus Parse(byte[] bytes)
    {
        _head.Reset();
        return RequestHeadParser.Parse(bytes, _head, _limits);
    }
}

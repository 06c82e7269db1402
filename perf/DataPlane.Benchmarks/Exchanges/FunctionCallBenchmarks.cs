using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Caching;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>What a call of a function costs the gateway besides two sends: its event, and its answer.</summary>
[MemoryDiagnoser]
public class FunctionCallBenchmarks
{
    private static readonly byte[] s_answer = """
        {"statusCode":201,"headers":{"Content-Type":"application/json","X-Id":7},"cookies":["a=b"],
        "body":"{\"name\":\"caf\u00e9\",\"list\":[1,2,3]}","isBase64Encoded":false}
        """u8.ToArray();

    private readonly CallScratch _scratch = new();
    private readonly PayloadBuffer _payload = new();
    private GatewayRig _rig = null!;
    private PreparedExchange _prepared = null!;
    private Invocation _invocation = null!;
    private FunctionRoute _http = null!;
    private FunctionRoute _rest = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _prepared = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _prepared.Exchange.Body = new NoBody();
        _invocation = new Invocation(_rig.Loop);
        var config = ConfigLoader.Parse(
            "routes: [ { match: { path: \"/api/{a}/{b}\" }, to: { mock: {} } } ]", "benchmark.yaml").Config!;
        var identity = new FunctionIdentity("us-east-1", FunctionIdentity.StandardAccount);
        _http = new FunctionRoute(
            config.Routes[0], identity, new FunctionTarget("f", FunctionEventFormat.HttpApi2, IsQueued: false));
        _rest = new FunctionRoute(
            config.Routes[0], identity, new FunctionTarget("f", FunctionEventFormat.Rest, IsQueued: false));
        Expect.That(WriteEvent() > 500, "an event has more than 500 bytes");
        Expect.That(WriteRestEvent() > 1000, "an event of a REST API has more than 1000 bytes");
        Expect.Same(201, ReadAnswer());
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    /// <summary>Payload 2.0 of a typical GET.</summary>
    [Benchmark]
    public int WriteEvent() => Write(_http);

    /// <summary>Payload 1.0, with every value twice.</summary>
    [Benchmark]
    public int WriteRestEvent() => Write(_rest);

    /// <summary>Status, three headers and a body with escapes.</summary>
    [Benchmark]
    public int ReadAnswer()
    {
        _payload.Clear();
        _payload.Append(s_answer);
        return AnswerReader.TryRead(
            _scratch, _payload, FunctionEventFormat.HttpApi2, decodes: true, out int status, out _)
            ? status
            : 0;
    }

    private int Write(FunctionRoute route)
    {
        _invocation.Event.Clear();
        EventWriter.Write(_scratch, route, _prepared.Exchange, _invocation, []);
        return _invocation.Event.Length;
    }
}

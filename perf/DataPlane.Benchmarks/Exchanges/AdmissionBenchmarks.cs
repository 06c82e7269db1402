using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>What maxRequests, the circuit breaker and the retry budget cost an exchange that goes well.</summary>
[MemoryDiagnoser]
public class AdmissionBenchmarks
{
    private GatewayRig _rig = null!;
    private PreparedExchange _prepared = null!;
    private UpstreamGate _gate = null!;
    private RetryPolicy _retries = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _prepared = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _gate = _rig.Snapshot.Upstreams[0].Gate!;
        _retries = _rig.Snapshot.Upstreams[0].Retries!;
        Expect.Same(ExchangeOutcome.Completed, EnterAndLeave());
        Expect.Same(0L, _gate.UnderWay);
        Expect.Same(BreakerState.Closed, _gate.Breaker!.State);
        CountRequest();
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public ExchangeOutcome EnterAndLeave()
    {
        _rig.Turn();
        return _gate.TryEnter(_prepared.Exchange, out var refusal)
            ? _gate.Leave(_prepared.Exchange, ExchangeOutcome.Completed)
            : refusal;
    }

    [Benchmark]
    public void CountRequest() => _retries.CountRequest(_rig.Loop);
}

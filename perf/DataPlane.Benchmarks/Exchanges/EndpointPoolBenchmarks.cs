using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot type: <see cref="EndpointPool"/>. A connection is picked, rented, leased to an exchange and given back.
/// </summary>
[MemoryDiagnoser]
public class EndpointPoolBenchmarks
{
    private GatewayRig _rig = null!;
    private Upstream _upstream = null!;
    private UpstreamConnection _opened = null!;
    private PreparedExchange _prepared = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _rig = new GatewayRig();
        _prepared = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _upstream = _rig.Snapshot.Upstreams[0];
        Expect.That(!RentFromEmpty(), "nothing is idle yet");
        var opened = await _upstream.OpenAsync(_prepared.Exchange, _upstream.Endpoints[0]);
        _opened = opened.Connection!;
        _opened.Return();
        Expect.That(RentAndReturn(), "the connection is used again");
        Expect.Same(1, _upstream.Endpoints[0].Idle);
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public bool RentAndReturn()
    {
        var connection = _upstream.TryRent(_prepared.Exchange, out _);
        if (connection is null) return false;
        connection.Lease(_prepared.Exchange);
        connection.Return();
        return ReferenceEquals(connection, _opened);
    }

    /// <summary>The miss that comes before a connect.</summary>
    [Benchmark]
    public bool RentFromEmpty() => _rig.Snapshot.Upstreams[1].TryRent(_prepared.Exchange, out _) is not null;
}

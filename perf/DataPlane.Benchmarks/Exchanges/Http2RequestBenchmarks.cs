using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Integrations.Http2;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Upstreams.Http2;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot type: <see cref="RequestMessages"/>, what an exchange with an HTTP/2 upstream costs before the runtime has it.
/// The budget is what its request and the strings in it take; one more field costs some 100 bytes.
/// </summary>
[MemoryDiagnoser]
public class Http2RequestBenchmarks
{
    private GatewayRig _rig = null!;
    private PreparedExchange _typical = null!;
    private Http2Client _client = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _typical = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _client = new Http2Client(_rig.Snapshot.Upstreams[0].Endpoints[0], new Http2Settings
        {
            ConnectTimeoutMs = 1000,
            IdleTimeoutMs = 1000,
            MaxAgeMs = 1000,
            MaxConnections = 1,
            PendingTimeoutMs = 1000,
            PingMs = 0,
            PingTimeoutMs = 1000,
            StreamWindowBytes = 64 * 1024,
            ResponseHeadBytes = 32 * 1024,
        });
        Expect.That(Typical() > 10, "the client's fields are there");
        Expect.Same(GrpcKind.None, Kind());
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _client.Dispose();
        _rig.Dispose();
    }

    [Benchmark]
    public int Typical()
    {
        var endpoint = _rig.Snapshot.Upstreams[0].Endpoints[0];
        var request = RequestMessages.Make(
            _typical.Exchange, endpoint, _client, rewrite: null, GrpcKind.None, content: null);
        return request!.Headers.NonValidated.Count;
    }

    [Benchmark]
    public GrpcKind Kind() => GrpcKinds.Of(_typical.Exchange);
}

using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// The gateways that all cases share, each started when it is first asked for: a broken connection must not harm the
/// next one. At the end nothing may be left behind in any of them. One user at a time.
/// </summary>
public sealed class ConformanceGateways : IAsyncLifetime
{
    private readonly Dictionary<string, HostedGateway> _started = [];
    private readonly CertificateFolder _files = new();
    private readonly FakeUpstream _upstream = FakeUpstream.Start(records: false);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var gateway in _started.Values) await gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        _files.Dispose();
    }

    /// <summary>Answers / by itself, or from an upstream.</summary>
    internal async Task<TestGateway> InCleartextAsync(Wire wire, bool isProxied)
    {
        string route = isProxied
            ? $$"""
            upstreams: { up: { endpoints: [ { url: "{{_upstream.Url}}" } ] } }
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """
            : "routes: [ { match: { path: / }, to: { mock: { body: mocked } } } ]";
        return await StartedAsync($"{wire} {isProxied}", () => new HostedGateway(wire), route);
    }

    /// <summary>A connection that has agreed on h2 by ALPN.</summary>
    internal async Task<RawPeer> ConnectByTlsAsync(Wire wire)
    {
        if (!File.Exists(_files.PathOf("gw.pem"))) _files.Issue("gw", Frames.Host).Dispose();
        var gateway = await StartedAsync(
            $"{wire} TLS", () => new HostedGateway(wire) { ListenerKeys = _files.ListenerTls("gw") },
            "routes: [ { match: { path: / }, to: { mock: { body: mocked } } } ]");
        return await TlsPeer.ConnectAsync(gateway.Port, Frames.Host, alpn: "h2");
    }

    private async Task<HostedGateway> StartedAsync(string name, Func<HostedGateway> create, string yaml)
    {
        if (_started.TryGetValue(name, out var running)) return running;
        var gateway = create();
        await gateway.StartAsync(yaml);
        return _started[name] = gateway;
    }
}

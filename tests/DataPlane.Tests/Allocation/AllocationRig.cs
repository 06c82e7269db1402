using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// The gateway as the command line starts it, on epoll with two loops, metrics and an access log into a file, in front
/// of a <see cref="CannedUpstream"/>.
/// </summary>
public sealed class AllocationRig : IAsyncLifetime
{
    private readonly CannedUpstream _upstream = new();
    private readonly string _log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private GatewayHost? _gateway;

    /// <summary>The client listener's.</summary>
    public int Port { get; private set; }

    /// <summary>The admin listener's.</summary>
    public int AdminPort { get; private set; }

    /// <summary>Connections the upstream has seen: warm ones are used again.</summary>
    public int UpstreamConnections => _upstream.Connections;

    /// <summary>Requests that wait for another one's response.</summary>
    public int Waiting => SnapshotsOf(_gateway!).Current.Cache!.Waiting;

    /// <summary>Requests that the upstream has held so far.</summary>
    public int Held => _upstream.Held;

    /// <summary>Bytes of the access log so far.</summary>
    public long LogBytes => new FileInfo(_log).Length;

    public async Task InitializeAsync()
    {
        if (!OperatingSystem.IsLinux()) return;
        var result = ConfigLoader.Parse(Configuration(), "allocation.yaml");
        Assert.Empty(result.Errors);
        _gateway = new GatewayHost(result.Config!, EffectiveConfig.Write(result.Root), TimeProvider.System);
        await _gateway.StartAsync();
        Port = new Uri(_gateway.BoundAddresses.First()).Port;
        AdminPort = new Uri(_gateway.BoundAddresses.Last()).Port;
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.StopAsync().WaitAsync(TransportRig.Patience);
            await _gateway.DisposeAsync();
        }
        _upstream.Dispose();
        File.Delete(_log);
    }

    /// <summary>Has the upstream answer one request that it holds.</summary>
    public void LetGo() => _upstream.LetGo();

    // What waits inside is nobody's business but this test's.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_snapshots")]
    private static extern ref SnapshotStore SnapshotsOf(GatewayHost host);

    private string Configuration() => $$"""
        listeners: [ { name: public, address: "127.0.0.1:0" } ]
        admin: { address: "127.0.0.1:0" }
        transport: { kind: epoll, loops: 2 }
        accessLog: { to: "file:{{_log}}", format: json }
        upstreams:
          canned:
            endpoints: [ { url: "http://127.0.0.1:{{_upstream.Port}}" } ]
            maxRequests: 100000
            retries: { attempts: 2, on: [connectFailure, reset, timeout, 5xx] }
            circuitBreaker: { fallback: { body: later } }
        policies:
          never: { rateLimit: { rate: 1/h } }
          always: { rateLimit: { rate: 1000000/s, fields: always } }
        routes:
          - { match: { path: /limited }, policies: [ always, never ], to: { mock: { body: ok } } }
          - { match: { path: /ping }, to: { mock: { status: 200, body: pong } } }
          - { match: { path: "/old/{id}" }, to: { redirect: { location: "/items/{id}", status: 308 } } }
          - { match: { path: "/items/{id}" }, policies: [ always ], to: { upstream: canned } }
          - { match: { path: "/cached/{id}" }, policies: [ always, { cache: { ttl: 1h } } ], to: { upstream: canned } }
          - { match: { path: "/held/{id}" }, policies: [ { cache: { ttl: 1h, wait: 60s } } ], to: { upstream: canned } }
          - match: { path: /cached-large }
            policies: [ { cache: { ttl: 1h } } ]
            to: { upstream: canned, rewrite: /large }
          - { match: { path: /large }, to: { upstream: canned } }
        """;
}

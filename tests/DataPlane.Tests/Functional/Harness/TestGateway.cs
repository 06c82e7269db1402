using System.Collections.Concurrent;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>
/// The whole gateway on one wire, from YAML. When it goes it must have given everything back: no client connection is
/// counted, no upstream connection is leased, no slab is out, and nothing was logged.
/// </summary>
internal abstract class TestGateway : IAsyncDisposable
{
    private readonly ConcurrentBag<RawPeer> _clients = [];
    private readonly List<IAsyncDisposable> _owned = [];
    private bool _isStopped;

    protected LogTrap Log { get; } = new();

    public abstract ClientConnections Connections { get; }

    public abstract GatewaySnapshot Snapshot { get; }

    protected abstract LoopSet Loops { get; }

    /// <summary>Client connections being served.</summary>
    public int Open => Connections.Open;

    public IReadOnlyCollection<string> Logged => Log.Lines;

    /// <summary>What was logged so far, which a test expects; the rest must stay empty.</summary>
    public IReadOnlyCollection<string> TakeLogged() => Log.Take();

    /// <summary>The same, once something has been: lines may come a moment after what they tell of.</summary>
    public async Task<IReadOnlyCollection<string>> TakeLoggedAsync()
    {
        await Eventually.HoldsAsync(() => Logged.Count > 0, "a line in the log");
        return TakeLogged();
    }

    /// <summary>A gateway that has been started on nothing yet: upstreams may be asked for first.</summary>
    public static TestGateway Create(Wire wire) =>
        wire == Wire.Memory ? new MemoryGateway() : new HostedGateway(wire);

    /// <summary>Started with what <paramref name="yaml"/> adds to listeners, admin, log and transport.</summary>
    public static async Task<TestGateway> StartAsync(Wire wire, string yaml)
    {
        var gateway = Create(wire);
        await gateway.StartAsync(yaml);
        return gateway;
    }

    /// <summary>With one route that sends every path to <paramref name="url"/> and a mock at <c>/mock</c>.</summary>
    public static Task<TestGateway> ProxyAsync(Wire wire, string url, string more = "") =>
        StartAsync(wire, ProxyTo(url, more));

    public static string ProxyTo(string url, string more = "") =>
        $$"""
        {{more}}
        upstreams: { up: { endpoints: [ { url: "{{url}}" } ] } }
        routes:
          - { id: mock, match: { path: /mock }, to: { mock: { body: mocked } } }
          - { id: all, match: { path: "/{path+}" }, to: { upstream: up } }
        """;

    /// <summary>An upstream the test plays, reachable over this gateway's wire.</summary>
    public abstract PeerListener Listen();

    public abstract Task StartAsync(string yaml);

    /// <summary>Offers another configuration to the running gateway, which must take it.</summary>
    public abstract Task<Generation> ReloadAsync(string yaml);

    public async Task<RawPeer> ConnectAsync()
    {
        var client = await OpenAsync();
        _clients.Add(client);
        return client;
    }

    /// <summary>Sends one request on a connection of its own and reads its response.</summary>
    public async Task<RawResponse> AskAsync(string request)
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>SIGTERM, as far as clients can tell.</summary>
    public abstract Task DrainAsync();

    /// <summary>Disposes what a test made, after the gateway has been checked.</summary>
    public T Own<T>(T resource)
        where T : IAsyncDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var client in _clients) await client.DisposeAsync();
            if (!_isStopped)
            {
                await Eventually.HoldsAsync(() => Open == 0, "no client connection open");
                await Eventually.HoldsAsync(() => Leased == 0, "no upstream connection leased");
                await Eventually.HoldsAsync(async () => await SlabsAsync() == 0, "no slab outstanding");
                await Eventually.HoldsAsync(() => Counted == (0, 0), "no connection counted for the listener");
            }
        }
        finally
        {
            foreach (var owned in _owned) await owned.DisposeAsync();
            await StopAsync();
        }
        Assert.True(Logged.Count == 0, string.Join("\n", Logged));
    }

    /// <summary>Slabs out on all loops.</summary>
    public async Task<int> SlabsAsync()
    {
        int outstanding = 0;
        for (int index = 0; index < Loops.Count; index++)
        {
            var loop = Loops[index];
            outstanding += await OnLoopAsync(loop, () => loop.Slabs.Outstanding);
        }
        return outstanding;
    }

    protected abstract Task<RawPeer> OpenAsync();

    protected abstract Task StopAsync();

    protected abstract (int Open, int Active) Counted { get; }

    protected static (GatewayConfig Config, string Json) Parse(string yaml)
    {
        var result = ConfigLoader.Parse(yaml, "test.yaml");
        Assert.True(result.Config is not null, string.Join('\n', result.Errors));
        return (result.Config, EffectiveConfig.Write(result.Root));
    }

    protected static Task<T> OnLoopAsync<T>(EventLoop loop, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => done.SetResult(work()), state: null);
        return done.Task.WaitAsync(Eventually.Patience);
    }

    private int Leased =>
        Snapshot.Upstreams.Sum(upstream => upstream.Endpoints.Sum(each => each.Connections - each.Idle));

    /// <summary>After the loops have ended their state is no longer looked at.</summary>
    protected void MarkStopped() => _isStopped = true;
}

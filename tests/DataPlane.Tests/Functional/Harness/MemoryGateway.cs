using System.Collections.Concurrent;
using System.Net;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Names;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using TransportKind = DataPlane.Gateway.Transport.TransportKind;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>The gateway without Kestrel: clients are handed in as pipes, the clock is the test's.</summary>
internal sealed class MemoryGateway : TestGateway
{
    private readonly InMemoryConnector _memory = new();
    private readonly TransportChoice _transport;
    private readonly EventLoop _clientLoop;
    private readonly ConcurrentBag<Task> _served = [];
    private SnapshotStore _snapshots = null!;
    private NameTable _names = null!;
    private ClientConnections _connections = null!;
    private SnapshotCompiler _compiler = null!;
    private int _nextPort = 1000;

    public MemoryGateway()
    {
        _transport = TransportChoice.Create(TransportKind.Sockets, loops: 2, Time);
        _clientLoop = new EventLoop(0, new PortableEngine(), TimeProvider.System);
    }

    public VirtualTime Time { get; } = new();

    public MemoryPressure Pressure { get; } = new();

    public Listener Listener { get; init; } = new(0, "memory", port: 0);

    /// <summary>What stands in for Kestrel's server of HTTP/2, which needs a host; null: nothing.</summary>
    public ConnectionDelegate? Http2 { get; init; }

    public Generations Generations { get; private set; } = null!;

    /// <summary>The address clients come from.</summary>
    public EndPoint ClientAddress { get; init; } = new IPEndPoint(IPAddress.Loopback, 50_000);

    public override ClientConnections Connections => _connections;

    public override GatewaySnapshot Snapshot => _snapshots.Current;

    protected override LoopSet Loops => _transport.Loops;

    protected override (int Open, int Active) Counted => _connections.CountOf(Listener);

    public override PeerListener Listen() =>
        Own(new MemoryListener(_memory, new IPEndPoint(MixedConnector.MemoryAddress, _nextPort++)));

    public override Task StartAsync(string yaml)
    {
        var (config, json) = Parse(yaml);
        _compiler = new SnapshotCompiler(
            SnapshotCompiler.BuiltInIntegrations, SnapshotCompiler.BuiltInPolicies,
            new MixedConnector(_memory, _transport.Connector), Loops, Time);
        _names = _compiler.Names;
        _snapshots = new SnapshotStore(_compiler.Compile(config, json));
        _transport.Admission.Limits = () => _snapshots.Current.Admission;
        var loggers = LoggerFactory.Create(builder => builder.AddProvider(Log));
        _compiler.Journal.Logger = loggers.CreateLogger<UpstreamHealth>();
        _compiler.CacheJournal.LogTo(loggers.CreateLogger<CacheJournal>());
        Generations = new Generations(_compiler, _snapshots, Loops.Count, Time, loggers.CreateLogger<Generations>());
        Generations.Begin("first");
        _connections = new ClientConnections(_transport, new ExchangeProcessor(
            _snapshots, [new MetricsRecorder(Loops.Count, Time)], Time, loggers.CreateLogger<ExchangeProcessor>())
        {
            Pressure = Pressure,
        });
        Time.Moved = () =>
        {
            for (int index = 0; index < Loops.Count; index++) Loops[index].Wake();
        };
        _clientLoop.Start();
        Loops.Start();
        return _names.FirstAnswersAsync(config.Dns.StartTimeout);
    }

    public override Task<Generation> ReloadAsync(string yaml)
    {
        var (config, json) = Parse(yaml);
        var entry = new GenerationEntry(settings: null, static () => { });
        return Task.Run(() => Generations.Apply(
            config, new Lazy<string>(json), "digest", ReloadTrigger.Request, entry));
    }

    /// <summary>Moves the clock in steps until the condition holds.</summary>
    public Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition, string what) => Eventually.HoldsAsync(
        async () =>
        {
            if (condition()) return true;
            Time.Advance(step);
            await SettleAsync();
            return condition();
        },
        what);

    /// <summary>Moves the clock once, and lets everything happen that follows from it inside the process.</summary>
    public async Task AdvanceAsync(TimeSpan span)
    {
        await SettleAsync();
        Time.Advance(span);
        await SettleAsync();
    }

    /// <summary>
    /// Waits until every loop has had several turns: what one peer sent has by then come to the other, as far as it
    /// goes through pipes.
    /// </summary>
    public async Task SettleAsync()
    {
        const int turns = 8;
        for (int turn = 0; turn < turns; turn++)
        {
            await OnLoopAsync(_clientLoop, () => 0);
            for (int index = 0; index < Loops.Count; index++) await OnLoopAsync(Loops[index], () => 0);
        }
    }

    public override async Task DrainAsync()
    {
        var drained = _connections.DrainAsync(TimeSpan.FromSeconds(30), Time);
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(20), () => drained.IsCompleted, "the drain's end");
        await drained;
    }

    protected override Task<RawPeer> OpenAsync()
    {
        var (near, far) = InMemoryConnection.CreatePair(Loops.Next(), _clientLoop, ClientAddress);
        _served.Add(ServeAsync(near));
        return Task.FromResult<RawPeer>(new MemoryPeer(far, near.Loop));
    }

    protected override async Task StopAsync()
    {
        _names.Dispose();
        await Task.WhenAll(_served).WaitAsync(Eventually.Patience);
        Generations.Dispose();
        _transport.Dispose();
        _clientLoop.Dispose();
    }

    private async Task ServeAsync(InMemoryConnection connection)
    {
        // As the kernel's listeners do.
        var admission = _connections.Admission;
        var serve = new AdmissionStep(admission).AroundClients(each => _connections.ServeAsync(each, Listener, Http2));
        if (admission.TryEnter(admission.KeyOf(connection.RemoteEndPoint))) await serve(connection);
        else connection.Reset();
        await connection.DisposeAsync();
    }
}

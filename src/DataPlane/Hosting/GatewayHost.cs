using System.Net;
using System.Net.Sockets;
using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Connections.ProxyProtocol;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Handover;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Names;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Invoke;
using DataPlane.Lambda.Queue;
using DataPlane.Lambda.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TransportKind = DataPlane.Gateway.Transport.TransportKind;

namespace DataPlane.Hosting;

/// <summary>
/// Puts the gateway together and runs it: loops, snapshot, Kestrel with the client listeners on our transport and the
/// admin listener on its own, and the way down again. One per process, or per test.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly SnapshotStore _snapshots;
    private readonly Reloader? _reloader;
    private RunOptions? _options;
    private readonly TimeProvider _time;
    private readonly TransportChoice _transport;
    private readonly ClientConnections _connections;
    private readonly NameTable _names;
    private readonly FunctionHost _functions;
    private readonly RemoteFunctions _remoteFunctions;
    private readonly GatewayRecorders _recorders;
    private readonly GatewayAdminSource _admin;
    private readonly WebApplication _server;
    private readonly ClientServers _clients;
    private readonly IdleMemory _idleMemory;
    private readonly Rehearsal? _rehearsal;
    private readonly MemoryWatch _memory;
    private readonly ResidentMemory _resident = new();
    // Of the machine or the container, in bytes; asking allocates.
    private readonly long _available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    private readonly ListeningSockets _sockets;
    private readonly Successor _successor;
    private HeldListenerFactory? _held;
    private int _isUpgrading;
    private readonly TlsWatch _tlsWatch;
    private readonly ClientListeners _listeners;
    // Its result: somebody waits at a terminal.
    private readonly TaskCompletionSource<bool> _drain = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Without <paramref name="options"/> the configuration stays what it is.</summary>
    public GatewayHost(GatewayConfig config, string effectiveJson, TimeProvider time, RunOptions? options = null)
    {
        _options = options;
        _time = time;
        _sockets = options?.Sockets ?? new ListeningSockets();
        _successor = new Successor(_sockets);
        int loopCount = config.Transport.Loops > 0 ? config.Transport.Loops : Environment.ProcessorCount;
        _transport = TransportChoice.Create(
            KindOf(config.Transport.Kind), loopCount, time, ipv6PrefixBits: config.Limits.ClientPrefixIpv6,
            usesRing: config.Transport.IoUring, isBatch: config.Transport.BatchScheduling);
        var loops = _transport.Loops;
        _remoteFunctions = new RemoteFunctions(loops, time);
        _functions = new FunctionHost(loops, _remoteFunctions);
        var compiler = CompilerOf(loops, time);
        _names = compiler.Names;
        _snapshots = new SnapshotStore(compiler.Compile(config, effectiveJson));
        _transport.Admission.Limits = () => _snapshots.Current.Admission;
        _recorders = new GatewayRecorders(config, _snapshots, loops, time);

        // Not the whole configuration, which the closure would keep alive.
        bool sharesPorts = config.Transport.ReusePort;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _recorders.Log.AddTo(builder.Logging);
        // What clients do wrong with frames is counted, not logged.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Http2", LogLevel.None);
        AddTransport(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureAdmin);
        _server = builder.Build();
        _listeners = new ClientListeners();
        _listeners.Inner = ClientTransport(sharesPorts);
        _clients = new ClientServers(
            _transport, _snapshots, () => _connections!, _listeners,
            _server.Services.GetRequiredService<ILoggerFactory>(), time);
        _clients.Add(config);

        var pressure = new MemoryPressure();
        var logger = _server.Services.GetRequiredService<ILogger<ExchangeProcessor>>();
        _functions.Logger = _server.Services.GetRequiredService<ILogger<FunctionHost>>();
        _remoteFunctions.Logger = _server.Services.GetRequiredService<ILogger<RemoteFunctions>>();
        _names.Logger = _server.Services.GetRequiredService<ILogger<NameTable>>();
        compiler.Journal.Logger = _server.Services.GetRequiredService<ILogger<UpstreamHealth>>();
        compiler.CacheJournal.LogTo(_server.Services.GetRequiredService<ILogger<CacheJournal>>());
        _connections = new ClientConnections(
            _transport, new ExchangeProcessor(_snapshots, [_recorders.All()], time, logger) { Pressure = pressure });
        _memory = new MemoryWatch(
            _connections, pressure, _resident.Read, MemoryLimit, IdleMemory.GiveBack, time,
            _server.Services.GetRequiredService<ILogger<MemoryWatch>>());
        _reloader = CreateReloader(compiler);
        var journal = new AdminJournal(_server.Services.GetRequiredService<ILoggerFactory>(), time);
        var page = new MetricsPage(_recorders.Sources(
            _connections, _names, _reloader, BoundListeners, new ProxyProtocolMetrics(_clients.Proxies),
            new MemoryMetrics(_memory, _connections, _snapshots, loops), new TunnelMetrics(compiler.Tunnels), journal,
            new FunctionMetrics(_functions), new RemoteFunctionMetrics(_remoteFunctions),
            new QueueMetrics(_functions, time)));
        _admin = new GatewayAdminSource(
            _snapshots, _reloader?.Generations, _connections, _recorders.Errors, page,
            () => _drain.TrySetResult(result: false));
        var control = _reloader is null ? null : new ConfigControl(_reloader, options!.Source);
        _server.Run(
            new AdminSurface(
                _snapshots, _admin, journal, control, new FunctionEndpoints(_functions, time),
                new ExplainEndpoint(_snapshots, loops, () => BoundListeners),
                new PurgeEndpoint(_snapshots, journal)).HandleAsync);
        _rehearsal = options is { Rehearses: true } ? new Rehearsal(time) : null;
        _idleMemory = new IdleMemory(_connections, time) { Rehearsal = _rehearsal };
        _tlsWatch = new TlsWatch(_snapshots, time, _server.Services.GetRequiredService<ILogger<TlsWatch>>());
    }

    /// <summary>The client listeners in the order they came.</summary>
    public IReadOnlyList<Listener> BoundListeners => _clients.Listeners;

    /// <summary>Addresses Kestrel bound: the client listeners', then the admin's.</summary>
    public IReadOnlyCollection<string> BoundAddresses =>
        [.. _clients.Addresses, .. AddressesOf(_server.Services.GetRequiredService<IServer>())];

    /// <summary>The sections in force, without upstreams and routes.</summary>
    public GatewayConfig Settings => _snapshots.Current.Settings;

    /// <summary>Null when the configuration stays what it is.</summary>
    public Reloader? Reloader => _reloader;

    /// <summary>Binds and serves. Throws <see cref="IOException"/> when an address cannot be bound.</summary>
    public async Task StartAsync()
    {
        _recorders.Start();
        _transport.Loops.Start();
        await _names.FirstAnswersAsync(_snapshots.Current.Settings.Dns.StartTimeout);
        try
        {
            await _clients.StartAsync();
            await _server.StartAsync();
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
        var logger = _server.Services.GetRequiredService<ILogger<GatewayHost>>();
        HostLog.Serving(logger, _transport.Kind, _transport.Loops.Count, _transport.UsesRing);
        foreach (var address in _sockets.CloseUnclaimed()) HostLog.Unclaimed(logger, address);
        _admin.IsServing = true;
        _tlsWatch.Look();
        if (_options is not { } options) return;
        _reloader!.KeepFirst(options.First);
        if (options.Watches) _reloader.Watch(options.First);
        // What was read is large, and nobody needs it any more.
        _options = null;
    }

    /// <summary>
    /// Until it is disposed, the process's signals are this gateway's. Before <see cref="StartAsync"/>, so that none
    /// is lost: one that asks for the end of a gateway that still starts is obeyed as soon as it serves.
    /// </summary>
    public IDisposable ObeySignals() => new ProcessSignals(
        stop: isHurried => _drain.TrySetResult(isHurried),
        reload: () => _ = _reloader?.ReloadAsync(ReloadTrigger.Signal),
        reopen: () => _recorders.Reopen(),
        upgrade: () => _ = UpgradeAsync());

    /// <summary>Returns after SIGTERM, SIGINT or POST /drain, when the gateway has stopped.</summary>
    public async Task RunUntilStoppedAsync()
    {
        bool isHurried = await _drain.Task;
        // Balancers take some time to see that the probe fails; until then they go on sending, and are served.
        _admin.IsServing = false;
        if (!isHurried) await Task.Delay(_snapshots.Current.Settings.Limits.DrainGrace, _time);
        await StopAsync();
    }

    /// <summary>
    /// Lets a process of the program as it is on disk now serve on the same sockets, and ends this one once it does.
    /// When it does not, nothing has changed.
    /// </summary>
    private async Task UpgradeAsync()
    {
        if (Interlocked.Exchange(ref _isUpgrading, 1) != 0) return;
        var logger = _server.Services.GetRequiredService<ILogger<GatewayHost>>();
        var (id, problem) = await _successor.StartAsync();
        if (id is not { } successor)
        {
            HostLog.UpgradeFailed(logger, problem);
            Volatile.Write(ref _isUpgrading, 0);
            return;
        }
        HostLog.Upgraded(logger, successor);
        ServiceNotice.MainProcess(successor);
        _sockets.HandOver();
        // Nobody waits: there is no balancer that has to notice anything.
        _drain.TrySetResult(result: true);
    }

    /// <summary>
    /// The order in which nothing is lost: probes fail, nobody new is accepted, exchanges end, the rest is reset.
    /// </summary>
    public async Task StopAsync()
    {
        _admin.IsServing = false;
        _reloader?.Dispose();
        if (!_sockets.IsHandedOver) ServiceNotice.Stopping();
        await _listeners.UnbindAsync();
        // Operators' questions are for the successor as well.
        if (_sockets.IsHandedOver && _held is not null) await _held.UnbindAsync();
        await _connections.DrainAsync(_snapshots.Current.Settings.Limits.DrainTimeout, _time);
        await _functions.Queue.DrainAsync(_snapshots.Current.Settings.Limits.DrainTimeout);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        await _clients.StopAsync(late.Token);
        await _server.StopAsync(late.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _idleMemory.Dispose();
        _rehearsal?.Dispose();
        _memory.Dispose();
        _resident.Dispose();
        _tlsWatch.Dispose();
        _reloader?.Dispose();
        _names.Dispose();
        _clients.Dispose();
        await _server.DisposeAsync();
        _functions.Dispose();
        _sockets.Dispose();
        _transport.Dispose();
        _recorders.Dispose();
    }

    private SnapshotCompiler CompilerOf(LoopSet loops, TimeProvider time) => new(
        [.. SnapshotCompiler.BuiltInIntegrations, new FunctionIntegrationFactory(_functions, _remoteFunctions, loops)],
        SnapshotCompiler.BuiltInPolicies, _transport.Connector, loops, time)
    {
        Services = [_functions, _remoteFunctions],
    };

    private Reloader? CreateReloader(SnapshotCompiler compiler)
    {
        if (_options is not { } options) return null;
        var logger = _server.Services.GetRequiredService<ILogger<Reloader>>();
        var generations = new Generations(compiler, _snapshots, _transport.Loops.Count, _time, logger);
        return new Reloader(options.Source, options.First, generations, options.LastGood, _time, logger)
        {
            StartErrors = options.StartErrors,
            Settings = new ProcessSettings(
                _recorders, _clients, new CacheInForce(_snapshots), _functions.Queue),
        };
    }

    private void AddTransport(IServiceCollection services)
    {
        services.AddSingleton<SocketTransportFactory>();
        services.Configure<SocketTransportOptions>(
            socket => socket.CreateBoundListenSocket = _sockets.CreateBound);
        services.AddSingleton<IConnectionListenerFactory>(provider => _held = new HeldListenerFactory(
            provider.GetRequiredService<SocketTransportFactory>(), _sockets));
    }

    private IConnectionListenerFactory ClientTransport(bool sharesPorts) =>
        _transport.CreateListenerFactory(
            _listeners.CanBind, sharesPorts: sharesPorts, isBehindBalancers: _listeners.IsBehindBalancers,
            sockets: _sockets)
            ?? new AdmittingListenerFactory(
                new HeldListenerFactory(_server.Services.GetRequiredService<SocketTransportFactory>(), _sockets),
                _transport.Admission, _listeners.IsBehindBalancers, _time);

    private void ConfigureAdmin(KestrelServerOptions kestrel)
    {
        var first = _snapshots.Current.AdminTls;
        AdminListener.Listen(
            kestrel, _snapshots.Current.Settings.Admin,
            first is null ? null : () => _snapshots.Current.AdminTls ?? first);
        AdminListener.ListenForInvokes(kestrel, _snapshots.Current.Settings.InvokeApi);
    }

    private long MemoryLimit()
    {
        long configured = _snapshots.Current.Settings.Limits.Memory;
        return configured > 0 ? configured : (long)(_available * 0.9);
    }

    private static ICollection<string> AddressesOf(IServer server) =>
        server.Features.Get<IServerAddressesFeature>()!.Addresses;

    private static TransportKind KindOf(Config.TransportKind kind) => kind switch
    {
        Config.TransportKind.Epoll => TransportKind.Epoll,
        Config.TransportKind.Sockets => TransportKind.Sockets,
        _ => TransportKind.Auto,
    };
}

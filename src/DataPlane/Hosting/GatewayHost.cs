using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Compatibility;
using DataPlane.Gateway.Recording.Messages;
using DataPlane.Gateway.Recording.Traces;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Names;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TransportKind = DataPlane.Gateway.Transport.TransportKind;

namespace DataPlane.Hosting;

/// <summary>
/// Puts the gateway together and runs it: loops, snapshot, Kestrel with the client listeners on our transport and the
/// admin listener on its own, and the way down again. One per process, or per test.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly GatewayConfig _config;
    private readonly TimeProvider _time;
    private readonly TransportChoice _transport;
    private readonly ClientConnections _connections;
    private readonly NameTable _names;
    private readonly AccessLog? _accessLog;
    private readonly IDisposable? _logRotation;
    private readonly TraceRecorder? _traces;
    private readonly GatewayLog _log;
    private readonly GatewayAdminSource _admin;
    private readonly WebApplication _server;
    private readonly IdleMemory _idleMemory;
    private ClientListeners? _listeners;
    // By reference: the admin's endpoint may be equal to one of these when both ask for any port.
    private readonly HashSet<EndPoint> _clientEndPoints = new(ReferenceEqualityComparer.Instance);
    private readonly TaskCompletionSource _drain = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GatewayHost(GatewayConfig config, string effectiveJson, TimeProvider time)
    {
        _config = config;
        _time = time;
        int loopCount = config.Transport.Loops > 0 ? config.Transport.Loops : Environment.ProcessorCount;
        _transport = TransportChoice.Create(KindOf(config.Transport.Kind), loopCount, time);
        var loops = _transport.Loops;
        var compiler = new SnapshotCompiler(
            SnapshotCompiler.BuiltInIntegrations, [], _transport.Connector, loops, time);
        _names = compiler.Names;
        var snapshots = new SnapshotStore(compiler.Compile(config, effectiveJson));
        _log = new GatewayLog(config.Log, time, Console.OpenStandardError());
        _accessLog = AccessLog.Create(config.AccessLog, loops.Count, time, _log.CreateLogger("AccessLog"));
        _logRotation = _accessLog is null ? null : LogRotation.On(_accessLog);
        _traces = TraceRecorder.Create(config, loops.Count, time, _log.CreateLogger("Tracing"));
        var metrics = new MetricsRecorder(loops.Count, time, SettingsOf(config.Metrics), new LiveSeries(snapshots));
        var errors = new RecentErrors(loops, time);
        var compatibility = CreateCompatibility(config.Metrics, loops.Count, snapshots, time);
        IExchangeRecorder[] recorders =
        [
            metrics,
            errors,
            .. compatibility is null ? Array.Empty<IExchangeRecorder>() : [compatibility],
            .. _accessLog is null ? Array.Empty<IExchangeRecorder>() : [new AccessLogRecorder(_accessLog)],
            .. _traces is null ? Array.Empty<IExchangeRecorder>() : [_traces],
        ];

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _log.AddTo(builder.Logging);
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(
            services => services.GetRequiredService<SocketTransportFactory>());
        // Kestrel asks the factory registered last first.
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => _listeners = new ClientListeners(
            _transport.CreateListenerFactory(_clientEndPoints.Contains)
                ?? services.GetRequiredService<SocketTransportFactory>(),
            _clientEndPoints.Contains));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        _server = builder.Build();

        var logger = _server.Services.GetRequiredService<ILogger<ExchangeProcessor>>();
        _names.Logger = _server.Services.GetRequiredService<ILogger<NameTable>>();
        _connections = new ClientConnections(
            _transport, new ExchangeProcessor(snapshots, recorders, time, logger));
        _admin = new GatewayAdminSource(config, snapshots, _connections, errors, new MetricsPage(
        [
            metrics,
            new GatewayMetrics(snapshots, _connections, BoundListeners),
            new UpstreamMetrics(snapshots),
            new ProtectionMetrics(snapshots),
            new NameMetrics(_names),
            .. _accessLog is null ? Array.Empty<IMetricSource>() : [_accessLog],
            .. _traces is null ? Array.Empty<IMetricSource>() : [_traces],
            _log,
            .. compatibility is null ? Array.Empty<IMetricSource>() : [compatibility],
            new CompatibleGauges(config.Metrics.Compatibility, snapshots, _connections, BoundListeners),
            new ProcessMetrics(typeof(GatewayHost).Assembly.GetName().Version!.ToString(3)),
        ]), () => _drain.TrySetResult());
        var endpoints = new AdminEndpoints(_admin, new AdminOptions
        {
            Token = config.Admin.Token,
            Host = config.Admin.Address.EndPoint?.Address.ToString(),
        });
        _server.Run(endpoints.HandleAsync);
        _idleMemory = new IdleMemory(_connections, time);
    }

    /// <summary>The client listeners in the order of the configuration, with the ports they were given.</summary>
    public IReadOnlyList<Listener> BoundListeners { get; private set; } = [];

    /// <summary>Addresses Kestrel bound: the client listeners', then the admin's.</summary>
    public IReadOnlyCollection<string> BoundAddresses =>
        _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();

    /// <summary>Binds and serves. Throws <see cref="IOException"/> when an address cannot be bound.</summary>
    public async Task StartAsync()
    {
        _accessLog?.Start();
        _traces?.Start();
        _transport.Loops.Start();
        await _names.FirstAnswersAsync(_config.Dns.StartTimeout);
        await _server.StartAsync();
        _admin.IsServing = true;
    }

    /// <summary>Returns after SIGTERM, SIGINT or POST /drain, when the gateway has stopped.</summary>
    public async Task RunUntilStoppedAsync()
    {
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        await _drain.Task;
        await StopAsync();
    }

    /// <summary>
    /// The order in which nothing is lost: probes fail, nobody new is accepted, exchanges end, the rest is reset.
    /// </summary>
    public async Task StopAsync()
    {
        _admin.IsServing = false;
        if (_listeners is not null) await _listeners.UnbindAsync();
        await _connections.DrainAsync(_config.Limits.DrainTimeout, _time);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        await _server.StopAsync(late.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _idleMemory.Dispose();
        _names.Dispose();
        await _server.DisposeAsync();
        _transport.Dispose();
        _logRotation?.Dispose();
        _accessLog?.Dispose();
        _traces?.Dispose();
        _log.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _drain.TrySetResult();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var listeners = new List<Listener>();
        foreach (var config in _config.Listeners)
        {
            var listener = new Listener(listeners.Count, config.Name, config.Address.EndPoint?.Port ?? 0);
            listeners.Add(listener);
            EndPoint endPoint = config.Address.UnixPath is { } unixPath
                ? new UnixDomainSocketEndPoint(unixPath)
                : new IPEndPoint(config.Address.EndPoint!.Address, config.Address.EndPoint.Port);
            _clientEndPoints.Add(endPoint);
            kestrel.Listen(endPoint, options => options.Use(
                _ => connection => _connections.ServeAsync(connection, listener)));
        }
        BoundListeners = listeners;
        if (_config.Admin.Address.UnixPath is { } path) kestrel.ListenUnixSocket(path, AdminOnly);
        else kestrel.Listen(_config.Admin.Address.EndPoint!, AdminOnly);
    }

    private static void AdminOnly(ListenOptions options) => options.Protocols = HttpProtocols.Http1;

    private static TransportKind KindOf(Config.TransportKind kind) => kind switch
    {
        Config.TransportKind.Epoll => TransportKind.Epoll,
        Config.TransportKind.Sockets => TransportKind.Sockets,
        _ => TransportKind.Auto,
    };

    private static MetricsSettings SettingsOf(MetricsConfig config) => new()
    {
        SeriesLimit = config.SeriesLimit,
        ExpireAfter = config.ExpireAfter,
        Buckets = config.Buckets.IsEmpty ? HistogramBounds.Standard : config.Buckets,
    };

    private static CompatibilityRecorder? CreateCompatibility(
        MetricsConfig config, int loops, SnapshotStore snapshots, TimeProvider time) =>
        config.Compatibility.IsEmpty
            ? null
            : new CompatibilityRecorder(
                loops, time, config.Compatibility, SettingsOf(config), new LiveSeries(snapshots));
}

using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Connections.ProxyProtocol;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlane.Hosting;

/// <summary>
/// Everything clients connect to: the listeners of the start, and those that came and went with configurations. Servers
/// of their own beside the admin's, because their limits are clients': Kestrel accepts for them, and speaks HTTP/2 with
/// them. What a configuration brings is bound before it is in force and opened when it is; what it lacks is closed
/// then, and its connections end after their response. One thread at a time, but for the lists.
/// </summary>
internal sealed class ClientServers(
    TransportChoice transport, SnapshotStore snapshots, Func<ClientConnections> connections, ClientListeners sockets,
    ILoggerFactory loggers, TimeProvider time) : IProcessSettings, IDisposable
{
    private readonly ListenerPipeline _pipeline = new(transport, snapshots, connections, time);
    private readonly Dictionary<string, BoundListener> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<KestrelServer> _servers = [];
    private readonly LiveList<Listener> _listeners = new();
    private readonly ILogger _logger = loggers.CreateLogger<ClientServers>();

    /// <summary>In the order of the first configuration, then as they came.</summary>
    public IReadOnlyList<Listener> Listeners => _listeners;

    /// <summary>Of the listeners that take PROXY headers.</summary>
    public IReadOnlyList<ProxyCounts> Proxies => _pipeline.Proxies;

    /// <summary>Addresses Kestrel bound.</summary>
    public IEnumerable<string> Addresses =>
        _servers.SelectMany(each => each.Features.Get<IServerAddressesFeature>()!.Addresses);

    /// <summary>The listeners of the start: known from here on, bound by <see cref="StartAsync"/>.</summary>
    public void Add(GatewayConfig config)
    {
        BoundListener[] first = [.. config.Listeners.Select(Make)];
        _servers.Add(ServerOf(first, config.Limits));
        foreach (var each in first) Open(each);
    }

    public Task StartAsync() => _servers[0].StartAsync(new ClientStreams(), CancellationToken.None);

    public async Task StopAsync(CancellationToken late)
    {
        foreach (var server in _servers.ToArray()) await server.StopAsync(late);
    }

    public IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors)
    {
        var leaving = _open.Keys.ToHashSet(StringComparer.Ordinal);
        var coming = new List<ListenerConfig>();
        foreach (var wanted in config.Listeners)
        {
            var before = _open.GetValueOrDefault(wanted.Name);
            if (before is null || before.Config.Address != wanted.Address)
            {
                coming.Add(wanted);
                continue;
            }
            leaving.Remove(wanted.Name);
            if (before.IsFor(wanted)) continue;
            errors.Add(
                places.Of("listeners"), "listeners",
                $"listener {wanted.Name} cannot change on the same address while the gateway runs",
                "restart or upgrade the gateway, or give it another address");
        }
        if (errors.Any) return null;
        return Bind(coming, leaving, config.Limits, places, errors);
    }

    public void Dispose()
    {
        foreach (var server in _servers) server.Dispose();
    }

    private PreparedListeners? Bind(
        List<ListenerConfig> coming, HashSet<string> leaving, LimitsConfig limits, ConfigPlaces places,
        ConfigErrors errors)
    {
        BoundListener[] made = [.. coming.Select(Make)];
        if (made.Length == 0) return new PreparedListeners(() => Change(made, leaving, limits), static () => { });
        var server = ServerOf(made, limits);
        void Close()
        {
            foreach (var each in made) each.UnbindAsync().GetAwaiter().GetResult();
            foreach (var each in made) sockets.Forget(each);
            server.StopAsync(new CancellationToken(canceled: true)).GetAwaiter().GetResult();
            server.Dispose();
        }
        try
        {
            server.StartAsync(new ClientStreams(), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (IOException failure)
        {
            Close();
            errors.Add(
                places.Of("listeners"), "listeners", failure.Message, "end who has it, or write another address");
            return null;
        }
        return new PreparedListeners(
            () =>
            {
                _servers.Add(server);
                Change(made, leaving, limits);
            },
            Close);
    }

    private void Change(BoundListener[] coming, HashSet<string> leaving, LimitsConfig limits)
    {
        foreach (var server in _servers) Http2Settings.Follow(server.Options, limits);
        foreach (string name in leaving)
        {
            if (!_open.Remove(name, out var left)) continue;
            _listeners.Remove(each => ReferenceEquals(each, left.Listener));
            _pipeline.Forget(left.Listener);
            HostLog.ListenerClosed(_logger, name, left.Config.Address);
            _ = CloseAsync(left);
        }
        foreach (var each in coming)
        {
            Open(each);
            HostLog.ListenerOpened(_logger, each.Config.Name, each.Config.Address);
        }
    }

    private async Task CloseAsync(BoundListener left)
    {
        // Not on this thread: others wait for it.
        await Task.Yield();
        await left.UnbindAsync();
        sockets.Forget(left);
        connections().Drain(left.Listener);
    }

    private void Open(BoundListener listener)
    {
        _open[listener.Config.Name] = listener;
        _listeners.Add(listener.Listener);
        listener.Open();
    }

    private BoundListener Make(ListenerConfig config)
    {
        // The same for the same name over all configurations: counters go by it.
        if (!_indexes.TryGetValue(config.Name, out int index)) _indexes.Add(config.Name, index = _indexes.Count);
        var listener = new Listener(index, config.Name, config.Address.EndPoint?.Port ?? 0)
        {
            InFlight = config.MaxRequests == 0 ? null : new InFlightBound(config.MaxRequests, transport.Loops),
            SpeaksHttp1 = config.SpeaksHttp1,
            SpeaksHttp2 = config.SpeaksHttp2,
        };
        return new BoundListener(config, listener, _pipeline.PlainServerOf(listener, config));
    }

    private KestrelServer ServerOf(BoundListener[] listeners, LimitsConfig limits)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        Http2Settings.Apply(kestrel, limits);
        foreach (var each in listeners)
        {
            sockets.Know(each);
            kestrel.Listen(each.EndPoint, options => _pipeline.Configure(options, each.Listener, each.Config));
        }
        return new KestrelServer(Options.Create(kestrel), sockets, loggers);
    }
}

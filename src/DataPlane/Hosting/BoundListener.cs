using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Hosting;

/// <summary>
/// A listener of clients from its configuration to its sockets. Until it is opened nobody is taken from them:
/// connections wait in the kernel's queue for the configuration that brings the listener.
/// </summary>
internal sealed class BoundListener(ListenerConfig config, Listener listener, IClientServer? server)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IConnectionListener? _inner;

    public ListenerConfig Config { get; } = config;

    public Listener Listener { get; } = listener;

    /// <summary>Its own object, by which it is found again.</summary>
    public EndPoint EndPoint { get; } = config.Address.UnixPath is { } unixPath
        ? new UnixDomainSocketEndPoint(unixPath)
        : new IPEndPoint(config.Address.EndPoint!.Address, config.Address.EndPoint.Port);

    /// <summary>What Kestrel takes connections from.</summary>
    public IConnectionListener Take(IConnectionListener bound)
    {
        _inner = bound;
        if (!_opened.Task.IsCompleted) return new Gate(bound, _opened);
        ServeOnLoops();
        return bound;
    }

    /// <summary>From now on connections are taken.</summary>
    public void Open()
    {
        ServeOnLoops();
        _opened.TrySetResult();
    }

    /// <summary>Nobody new is accepted after this; harmless when repeated.</summary>
    public async Task UnbindAsync()
    {
        if (_inner is not null) await _inner.UnbindAsync();
        _opened.TrySetResult();
    }

    /// <summary>The same but for what stands in <c>tls</c>, which follows the configuration by itself.</summary>
    public bool IsFor(ListenerConfig other) =>
        Config.Address == other.Address
        && Config.ProxyProtocol == other.ProxyProtocol
        && Config.Trusted.AsSpan().SequenceEqual(other.Trusted.AsSpan())
        && Config.MaxRequests == other.MaxRequests
        && (Config.SpeaksHttp1, Config.SpeaksHttp2) == (other.SpeaksHttp1, other.SpeaksHttp2)
        && Config.Tls is null == other.Tls is null;

    // Where the loops accept; Kestrel takes what cannot be served there.
    private void ServeOnLoops()
    {
        if (_inner is IServedListener served) served.Server = server;
    }

    private sealed class Gate(IConnectionListener inner, TaskCompletionSource opened) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            await opened.Task.WaitAsync(cancellationToken);
            return await inner.AcceptAsync(cancellationToken);
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await inner.UnbindAsync(cancellationToken);
            // Whoever waits to accept is told that there is nobody.
            opened.TrySetResult();
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

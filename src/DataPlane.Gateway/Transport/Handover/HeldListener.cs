using System.Net;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Handover;

/// <summary>
/// A listener whose socket belongs to <see cref="ListeningSockets"/>: closed there once nobody accepts here.
/// </summary>
internal sealed class HeldListener(IConnectionListener inner, ListeningSockets sockets) : IConnectionListener
{
    private int _isUnbound;

    public EndPoint EndPoint => inner.EndPoint;

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        inner.AcceptAsync(cancellationToken);

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isUnbound, 1) != 0) return;
        var address = inner.EndPoint;
        await inner.UnbindAsync(cancellationToken);
        sockets.CloseHeld(address);
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        await inner.DisposeAsync();
    }
}

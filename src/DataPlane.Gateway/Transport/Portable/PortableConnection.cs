using System.Net;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Transport.Portable;

/// <summary>Puts any connection of Kestrel's on a loop: its sockets, named pipes, a test's.</summary>
internal sealed class PortableConnection : PipedConnection
{
    private readonly ConnectionContext _inner;
    private readonly CancellationTokenRegistration _closedRegistration;
    private bool _isReleased;

    public PortableConnection(EventLoop loop, ConnectionContext inner)
        : base(loop, inner.Transport)
    {
        _inner = inner;
        _closedRegistration = inner.ConnectionClosed.UnsafeRegister(
            static state => ((PortableConnection)state!).OnInnerClosed(), this);
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override async ValueTask DisposeAsync()
    {
        await Loop.SwitchTo();
        Close();
        _isReleased = true;
        _closedRegistration.Unregister();
        await _inner.DisposeAsync();
    }

    public override void ReleaseInner()
    {
        if (_isReleased) return;
        _isReleased = true;
        _closedRegistration.Unregister();
        _ = DisposeInnerAsync();
    }

    protected override void ResetInner() =>
        _inner.Abort(new ConnectionAbortedException("Reset by the gateway."));

    // Completing the output makes Kestrel's transport send what is buffered before it closes.
    protected override void CloseInner() => _inner.Transport.Output.Complete();

    private async Task DisposeInnerAsync()
    {
        try
        {
            await _inner.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The peer was faster.
        }
    }

    // Kestrel's token says that the peer is done sending or gone, not which of the two.
    private void OnInnerClosed() => Loop.Post(
        static state =>
        {
            var connection = (PortableConnection)state!;
            if (connection._isReleased) return;
            connection.SetPeer(connection.IsInputBroken() ? PeerState.Gone : PeerState.HalfClosed);
        },
        this);
}

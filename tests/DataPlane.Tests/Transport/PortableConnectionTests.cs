using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Portable;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Tests.Transport;

[Collection(TransportCollection.Name)]
public sealed class PortableConnectionTests
{
    [Fact]
    public async Task InnerDisposedByItsOwner_TheLoopGoesOn()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Sockets);
        var (adopted, peer) = await rig.ConnectAsync();
        ConnectionContext? inner = null;
        await using (var other = await TransportRig.StartAsync(TransportRig.Sockets))
        {
            // As Kestrel does when a handler returns without closing what it adopted.
            var accept = other.Listener.AcceptAsync();
            using var socket = new System.Net.Sockets.Socket(
                System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            await socket.ConnectAsync(other.EndPoint);
            inner = await accept;
            LoopConnection connection = new PortableConnection(rig.Loop, inner!);
            var watcher = new RecordingWatcher();
            await rig.OnLoopAsync(() => connection.Watcher = watcher);
            await inner!.DisposeAsync();
            Assert.Equal(PeerState.HalfClosed, await watcher.NextAsync());
        }
        await peer.SendAsync("x"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await adopted.Transport.Input.ReadAsync();
                Assert.Equal(1, result.Buffer.Length);
                adopted.Transport.Input.AdvanceTo(result.Buffer.End);
            });
        await peer.DisposeAsync();
    }
}

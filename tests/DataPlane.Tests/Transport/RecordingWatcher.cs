using System.Threading.Channels;
using DataPlane.Gateway.Transport;

namespace DataPlane.Tests.Transport;

internal sealed class RecordingWatcher : IPeerWatcher
{
    private readonly Channel<PeerState> _seen = Channel.CreateUnbounded<PeerState>();

    public void OnPeerChanged(LoopConnection connection) => _seen.Writer.TryWrite(connection.Peer);

    public Task<PeerState> NextAsync() => _seen.Reader.ReadAsync().AsTask().WaitAsync(TransportRig.Patience);
}

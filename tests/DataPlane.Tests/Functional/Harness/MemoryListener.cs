using System.Net;
using System.Threading.Channels;
using DataPlane.Gateway.Transport.InMemory;

namespace DataPlane.Tests.Functional.Harness;

internal sealed class MemoryListener : PeerListener
{
    private readonly Channel<InMemoryConnection> _connections = Channel.CreateUnbounded<InMemoryConnection>();
    private readonly InMemoryConnector _connector;
    private readonly IPEndPoint _address;
    private int _accepted;

    public MemoryListener(InMemoryConnector connector, IPEndPoint address)
    {
        _connector = connector;
        _address = address;
        connector.Listen(address, Accept);
    }

    public override string Url => $"http://{_address}";

    public override int Accepted => Volatile.Read(ref _accepted);

    public override async Task<RawPeer> AcceptAsync()
    {
        var accepted = await _connections.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
        return new MemoryPeer(accepted, accepted.Loop);
    }

    public override ValueTask DisposeAsync()
    {
        _connector.Stop(_address);
        return default;
    }

    private void Accept(InMemoryConnection connection)
    {
        Interlocked.Increment(ref _accepted);
        _connections.Writer.TryWrite(connection);
    }
}

using System.Net;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// A client connection of either protocol as its loop keeps it: in a list, to be counted, shown and drained. Loop
/// thread only.
/// </summary>
internal abstract class ClientConnection : IClientConnection
{
    internal ClientConnection? Next { get; set; }

    internal ClientConnection? Previous { get; set; }

    private OwnConnections? _own;

    public abstract EndPoint? RemoteEndPoint { get; }

    public abstract EndPoint? LocalEndPoint { get; }

    public OwnConnections OwnConnections => _own ??= new OwnConnections();

    /// <summary>What steps before this one found out; null when there were none.</summary>
    public ConnectionFacts? Facts { get; protected set; }

    public Listener Listener { get; protected set; } = null!;

    public ClientAddress Client { get; protected set; } = null!;

    /// <summary>Evenly spread over connections; see <see cref="Exchange.Lot"/>.</summary>
    public uint Lot { get; protected set; }

    /// <summary>The connection is over: upstream connections that speak for it end with it.</summary>
    protected void CloseOwn()
    {
        _own?.Close();
        _own = null;
    }

    /// <summary>Ends the connection once what is under way has ended.</summary>
    public abstract void Drain();

    /// <summary>It has no exchange, and nothing of one has come.</summary>
    public abstract bool IsIdle { get; }

    /// <summary>Loop time since when it is idle.</summary>
    public abstract long IdleSinceMs { get; }

    /// <summary>Loop time at which it was accepted.</summary>
    public abstract long BornMs { get; }

    /// <summary>Streams under way; at most one of HTTP/1.1.</summary>
    public abstract int Streams { get; }

    /// <summary>
    /// What it holds of the process's memory, in bytes: its objects, each counted with what one was measured to take
    /// (<see cref="ConnectionCosts"/>), and the buffers it has rented.
    /// </summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Ends an idle connection for want of memory.</summary>
    public abstract void Shed();

    /// <summary>Ends the connection and its exchanges now.</summary>
    public abstract void Break();

    /// <summary>What an operator may know of this moment. Allocates.</summary>
    public abstract ConnectionView Describe();
}

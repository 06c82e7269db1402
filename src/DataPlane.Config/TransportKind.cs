namespace DataPlane.Config;

/// <summary>Who moves bytes between sockets and the gateway.</summary>
public enum TransportKind
{
    /// <summary>Epoll where the system has it, else sockets.</summary>
    Auto,

    /// <summary>The gateway's own event loops; Linux only.</summary>
    Epoll,

    /// <summary>Kestrel's socket transport; everywhere.</summary>
    Sockets,
}

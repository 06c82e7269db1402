namespace DataPlane.Gateway.Transport;

/// <summary>What carries the bytes; the operator's <c>transport</c> setting.</summary>
public enum TransportKind : byte
{
    /// <summary>epoll where the kernel has it, else sockets.</summary>
    Auto,

    /// <summary>Event loops over epoll (Linux).</summary>
    Epoll,

    /// <summary>Kestrel's own socket transport, the portable one.</summary>
    Sockets,
}

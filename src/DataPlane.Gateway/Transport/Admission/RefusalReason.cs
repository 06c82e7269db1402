namespace DataPlane.Gateway.Transport.Admission;

/// <summary>Why a connection was closed as soon as it was accepted. The metric's words, in lower case.</summary>
public enum RefusalReason : byte
{
    /// <summary><c>limits.connections</c> are open.</summary>
    Connections,

    /// <summary><c>limits.connectionsPerAddress</c> are open from where it comes.</summary>
    Address,

    /// <summary>The process is short of memory.</summary>
    Memory,
}

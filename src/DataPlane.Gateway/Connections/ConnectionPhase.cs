namespace DataPlane.Gateway.Connections;

/// <summary>Where a connection is, and so what a read that took too long means.</summary>
internal enum ConnectionPhase : byte
{
    /// <summary>Before the first byte of a head.</summary>
    Idle,

    /// <summary>Inside a head.</summary>
    Head,

    /// <summary>A request is with the processor, which may read its body.</summary>
    Exchange,

    /// <summary>Both directions belong to a tunnel.</summary>
    Tunnel,
}

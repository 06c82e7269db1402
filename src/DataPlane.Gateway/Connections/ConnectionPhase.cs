namespace DataPlane.Gateway.Connections;

/// <summary>What a connection waits for, and so what its timer means.</summary>
internal enum ConnectionPhase : byte
{
    /// <summary>The first byte of a head.</summary>
    Idle,

    /// <summary>The rest of a head.</summary>
    Head,

    /// <summary>The integration.</summary>
    Exchange,

    /// <summary>Bytes of the request's body.</summary>
    Body,

    /// <summary>The client to take response bytes.</summary>
    Write,
}

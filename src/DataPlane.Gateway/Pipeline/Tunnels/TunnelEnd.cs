namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>Why a tunnel ended; the metric's label is the name in snake case.</summary>
public enum TunnelEnd : byte
{
    /// <summary>Still open.</summary>
    None,

    /// <summary>The client sent its last byte first.</summary>
    ClientClosed,
    UpstreamClosed,
    ClientReset,
    UpstreamReset,

    /// <summary>The client took less than <c>limits.responseMinimumRate</c>.</summary>
    ClientTooSlow,
    Idle,
    Lifetime,
    Drained,

    /// <summary>A WebSocket frame of an impossible length: nobody knows where the next one begins.</summary>
    BadFrame,

    /// <summary>A defect of ours.</summary>
    InternalError,
}

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>How one active check went; a label of its metric.</summary>
public enum CheckResult : byte
{
    Success,

    /// <summary>No connection was to be had.</summary>
    ConnectFailed,
    TimedOut,

    /// <summary>The connection ended, or what came over it is not HTTP.</summary>
    BadAnswer,
    UnexpectedStatus,
    UnexpectedBody,
}

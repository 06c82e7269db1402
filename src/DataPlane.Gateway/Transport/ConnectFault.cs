namespace DataPlane.Gateway.Transport;

/// <summary>Why an upstream connection could not be opened.</summary>
public enum ConnectFault : byte
{
    None,
    Refused,
    Unreachable,
    TimedOut,

    /// <summary>Connected, but TLS did not come about.</summary>
    Tls,

    /// <summary>The process is out of descriptors, ports or memory.</summary>
    Exhausted,
    Other,
}

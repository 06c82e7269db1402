namespace DataPlane.Gateway.Recording;

/// <summary>Why lines did not get into the log.</summary>
public enum LogLoss : byte
{
    None,

    /// <summary>The output is slower than the traffic: the loop's ring was full.</summary>
    RingFull,

    /// <summary>No space, no quota, or the largest size a file may have.</summary>
    DiskFull,

    /// <summary>A datagram receiver, or the network before it, takes no more at the moment.</summary>
    SinkFull,

    /// <summary>Nobody receives: no socket, nobody on it, no way there.</summary>
    Unreachable,

    WriteError,
}

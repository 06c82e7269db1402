namespace DataPlane.Config;

/// <summary>How sockets are served.</summary>
public sealed record TransportConfig
{
    public TransportKind Kind { get; init; } = TransportKind.Auto;

    /// <summary>Event loops; 0 is one per core.</summary>
    public int Loops { get; init; }

    /// <summary>Another gateway may listen on the same ports, as during a rolling restart. epoll only.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Sends by io_uring where the system allows it. epoll only.</summary>
    public bool IoUring { get; init; } = true;

    /// <summary>Schedules the loops' threads as batch work where the system allows it. epoll only.</summary>
    public bool BatchScheduling { get; init; } = true;
}

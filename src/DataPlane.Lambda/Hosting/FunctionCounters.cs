namespace DataPlane.Lambda.Hosting;

/// <summary>
/// What a function's loop counts, for metrics: written by that thread only, read by any. Times in ticks of the
/// gateway's clock.
/// </summary>
public sealed class FunctionCounters
{
    public long Invocations { get; internal set; }

    public long Errors { get; internal set; }

    public long Timeouts { get; internal set; }

    public long Throttles { get; internal set; }

    /// <summary>Environments that were started, and those of them that failed to become ready.</summary>
    public long Starts { get; internal set; }

    public long FailedStarts { get; internal set; }

    public double InitSeconds { get; internal set; }

    public double RunSeconds { get; internal set; }

    /// <summary>Bytes of output that were dropped because there was too much at once.</summary>
    public long DroppedOutputBytes { get; internal set; }

    public int Concurrency { get; internal set; }

    public int Waiting { get; internal set; }

    public int Starting { get; internal set; }

    public int Idle { get; internal set; }

    public int Busy { get; internal set; }
}

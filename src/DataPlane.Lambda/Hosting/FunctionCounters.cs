namespace DataPlane.Lambda.Hosting;

/// <summary>
/// What a function's loop counts, for metrics: written by that thread only, read by any. Times in ticks of the
/// gateway's clock.
/// </summary>
public sealed class FunctionCounters
{
    /// <summary>Upper bounds of the duration buckets, in milliseconds; one more bucket holds the rest.</summary>
    public static readonly double[] BoundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 60000];

    private readonly long[] _durations = new long[BoundsMs.Length + 1];

    public long Invocations { get; internal set; }

    public long Errors { get; internal set; }

    public long Timeouts { get; internal set; }

    public long Throttles { get; internal set; }

    /// <summary>Environments that were started, and those of them that failed to become ready.</summary>
    public long Starts { get; internal set; }

    public long FailedStarts { get; internal set; }

    public double InitSeconds { get; internal set; }

    public double RunSeconds { get; internal set; }

    /// <summary>Invocations given to an environment that was started because of them.</summary>
    public long ColdStarts { get; internal set; }

    /// <summary>Bytes of output that were dropped because there was too much at once.</summary>
    public long DroppedOutputBytes { get; internal set; }

    public int Concurrency { get; internal set; }

    public int Waiting { get; internal set; }

    public int Starting { get; internal set; }

    public int Idle { get; internal set; }

    public int Busy { get; internal set; }

    public long DurationCount(int bucket) => Volatile.Read(ref _durations[bucket]);

    internal void CountRun(double milliseconds)
    {
        RunSeconds += milliseconds / 1000;
        int bucket = 0;
        while (bucket < BoundsMs.Length && milliseconds > BoundsMs[bucket]) bucket++;
        _durations[bucket]++;
    }
}

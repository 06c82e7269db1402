namespace DataPlane.Gateway.Connections;

/// <summary>What all HTTP/2 connections of the process have been up to, for metrics. Any thread.</summary>
public sealed class Http2Glitches
{
    private readonly long[] _counts = new long[Enum.GetValues<Http2Glitch>().Length];
    private long _calmed;

    /// <summary>Connections that were sent away because their budget was used up.</summary>
    public long Calmed => Volatile.Read(ref _calmed);

    public long Of(Http2Glitch glitch) => Volatile.Read(ref _counts[(int)glitch]);

    internal void Count(Http2Glitch glitch) => Interlocked.Increment(ref _counts[(int)glitch]);

    internal void CountCalmed() => Interlocked.Increment(ref _calmed);
}

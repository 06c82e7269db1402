namespace DataPlane.Gateway.Recording;

/// <summary>
/// Upper bounds of the duration histograms. From 5 ms on those OpenTelemetry gives http.server.request.duration, so
/// that its dashboards work; three finer ones below, because a gateway's own time is under a millisecond.
/// </summary>
internal static class LatencyBounds
{
    /// <summary>Bounds and the bucket above the last of them.</summary>
    public const int BucketCount = 18;

    public static ReadOnlySpan<double> Seconds =>
    [
        0.0005, 0.001, 0.0025,
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ];

    /// <summary>The bounds in ticks of a clock, once per process.</summary>
    public static long[] InTicks(long ticksPerSecond)
    {
        var ticks = new long[Seconds.Length];
        for (int each = 0; each < ticks.Length; each++)
        {
            ticks[each] = (long)Math.Floor(Seconds[each] * ticksPerSecond);
        }
        return ticks;
    }
}

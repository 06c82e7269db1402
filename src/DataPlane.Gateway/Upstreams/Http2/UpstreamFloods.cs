namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>Connections to an endpoint that were ended because it flooded them. Any thread.</summary>
public sealed class UpstreamFloods
{
    private readonly long[] _counts = new long[Enum.GetValues<UpstreamFlood>().Length];

    public long Of(UpstreamFlood flood) => Volatile.Read(ref _counts[(int)flood]);

    internal void Count(UpstreamFlood flood) => Interlocked.Increment(ref _counts[(int)flood]);
}

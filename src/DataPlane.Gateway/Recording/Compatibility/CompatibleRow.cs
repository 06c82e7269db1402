namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>Counters of one key on one loop.</summary>
internal sealed class CompatibleRow(HistogramBounds bounds)
{
    private const int Received = 0;
    private const int Sent = 1;

    private readonly CounterBlock _bytes = new(2);

    public LatencyHistogram Total { get; } = new(bounds);

    public LatencyHistogram Upstream { get; } = new(bounds);

    public LatencyHistogram Own { get; } = new(bounds);

    /// <summary>When a scrape first missed its route in the configuration; null while it is there. Scrapes.</summary>
    public long? AbsentSince { get; set; }

    public long BytesReceived => _bytes.Read(Received);

    public long BytesSent => _bytes.Read(Sent);

    /// <summary>The owning loop's thread only; 0 bytes.</summary>
    public void Record(in MetricSample sample)
    {
        Total.Record(sample.TotalTicks);
        if (sample.EndpointIndex >= 0) Upstream.Record(sample.UpstreamTicks);
        Own.Record(Math.Max(0, sample.TotalTicks - sample.UpstreamTicks));
        _bytes.Add(Received, sample.BytesReceived);
        _bytes.Add(Sent, sample.BytesSent);
    }
}

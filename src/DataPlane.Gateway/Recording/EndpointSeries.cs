namespace DataPlane.Gateway.Recording;

/// <summary>What the page remembers about one endpoint between scrapes.</summary>
internal sealed class EndpointSeries(EndpointRow row, UpstreamSeries upstream)
{
    private SeriesMask _outcomes;

    /// <summary><c>endpoint="..."</c>.</summary>
    public byte[] Label { get; } = row.EndpointLabel;

    public UpstreamSeries Upstream { get; } = upstream;

    /// <summary>Which outcomes are series.</summary>
    public ref SeriesMask Outcomes => ref _outcomes;

    /// <summary>When a scrape first missed it in the configuration, in clock ticks; null while it is there.</summary>
    public long? AbsentSince { get; set; }
}

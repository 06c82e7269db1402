namespace DataPlane.Gateway.Recording;

/// <summary>What the page remembers about one upstream between scrapes.</summary>
internal sealed class UpstreamSeries(byte[] label, HistogramBounds bounds)
{
    /// <summary><c>upstream="..."</c>.</summary>
    public byte[] Label { get; } = label;

    /// <summary>Durations of endpoints that were dropped: an upstream's histogram must not fall.</summary>
    public HistogramSum Dropped { get; } = new(bounds);

    /// <summary>Over the endpoints and loops, while a page is written.</summary>
    public HistogramSum Sum { get; } = new(bounds);

    /// <summary>Endpoints on the page.</summary>
    public int Endpoints { get; set; }

    /// <summary>Whether its histogram is a series of its own; null until decided.</summary>
    public bool? HasHistogram { get; set; }
}

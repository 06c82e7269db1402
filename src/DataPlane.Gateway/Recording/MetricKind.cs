namespace DataPlane.Gateway.Recording;

/// <summary>What a metric family counts; the TYPE line of the exposition.</summary>
public enum MetricKind : byte
{
    Counter,
    Gauge,
    Histogram,

    /// <summary>A counter under a name without <c>_total</c>: another product's.</summary>
    Unknown,
}

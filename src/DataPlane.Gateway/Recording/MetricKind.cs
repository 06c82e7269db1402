namespace DataPlane.Gateway.Recording;

/// <summary>What a metric family counts; the TYPE line of the exposition.</summary>
public enum MetricKind : byte
{
    Counter,
    Gauge,
    Histogram,
}

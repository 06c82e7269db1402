using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>Counters of one endpoint on one loop.</summary>
internal sealed class EndpointRow(byte[] upstreamLabel, byte[] endpointLabel, HistogramBounds bounds)
{
    public static readonly int OutcomeCount = Enum.GetValues<ExchangeOutcome>().Length;

    /// <summary><c>upstream="..."</c>.</summary>
    public byte[] UpstreamLabel { get; } = upstreamLabel;

    /// <summary><c>endpoint="..."</c>.</summary>
    public byte[] EndpointLabel { get; } = endpointLabel;

    public CounterBlock Outcomes { get; } = new(OutcomeCount);

    public LatencyHistogram Duration { get; } = new(bounds);
}

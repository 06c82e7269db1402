using System.Text;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>Room for one failed exchange, written again and again: 0 bytes. Loop thread.</summary>
internal sealed class ErrorSlot
{
    public long StartTimestamp { get; set; }

    public long TotalTicks { get; set; }

    public int StatusCode { get; set; }

    public ExchangeOutcome Outcome { get; set; }

    public string? RouteId { get; set; }

    public string? Upstream { get; set; }

    public string? Endpoint { get; set; }

    public ClientAddress? Client { get; set; }

    public CutText RequestId { get; } = new(RecordingLimits.ErrorNameBytes);

    public CutText Method { get; } = new(RecordingLimits.ErrorNameBytes);

    public CutText Path { get; } = new(RecordingLimits.ErrorPathBytes);

    public ErrorView Read(TimeProvider time)
    {
        var error = ErrorTable.Of(Outcome);
        return new ErrorView(
            time.GetUtcNow() - time.GetElapsedTime(StartTimestamp),
            RequestId.Read() ?? "",
            Encoding.ASCII.GetString(Client?.Utf8 ?? []),
            Method.Read(),
            Path.Read(),
            RouteId,
            Upstream,
            Endpoint,
            StatusCode,
            error.Label,
            Encoding.ASCII.GetString(FaultSides.LabelOf(error.Side)),
            TotalTicks / (double)time.TimestampFrequency);
    }
}

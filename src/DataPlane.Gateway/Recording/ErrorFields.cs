using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What the list of recent errors keeps of an exchange; bytes as the peer sent them, empty means absent.
/// </summary>
internal readonly ref struct ErrorFields
{
    public required long StartTimestamp { get; init; }

    public required long TotalTicks { get; init; }

    public required int StatusCode { get; init; }

    public required ExchangeOutcome Outcome { get; init; }

    public ReadOnlySpan<byte> RequestId { get; init; }

    public ReadOnlySpan<byte> ClientAddress { get; init; }

    public ReadOnlySpan<byte> Method { get; init; }

    /// <summary>Without the query, which may carry secrets.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    public ReadOnlySpan<byte> Route { get; init; }

    public ReadOnlySpan<byte> Upstream { get; init; }

    public ReadOnlySpan<byte> Endpoint { get; init; }
}

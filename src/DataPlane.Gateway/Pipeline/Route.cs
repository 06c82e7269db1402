using System.Collections.Immutable;
using System.Text;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// A compiled route: objects instead of names, arrays instead of lists. Immutable; shared by all loops.
/// </summary>
public sealed class Route
{
    public required string Id { get; init; }

    /// <summary>Stable over reloads for the same id; indexes the recorders' counters.</summary>
    public required int StateIndex { get; init; }

    public required ImmutableArray<string> CaptureNames { get; init; }

    public required IRequestPolicy[] RequestPolicies { get; init; }

    public required IResponsePolicy[] ResponsePolicies { get; init; }

    public required IIntegration Integration { get; init; }

    /// <summary>The key under <c>to</c>, for people.</summary>
    public string TargetKind { get; init; } = "";

    /// <summary>What its exchanges may change to; null for nothing.</summary>
    public Tunnels.UpgradeSettings? Upgrades { get; init; }

    /// <summary>Takes a path with %2F in it; else such a request is 400.</summary>
    public bool AllowsEncodedSlash { get; init; }

    public required long RequestBodyBytes { get; init; }

    /// <summary>Most exchanges under way at once; null for no bound.</summary>
    public InFlightBound? InFlight { get; init; }

    /// <summary>The whole exchange; 0 = no limit.</summary>
    public int TimeoutMs { get; init; }

    public byte[] IdUtf8 => _idUtf8 ??= Encoding.UTF8.GetBytes(Id);

    private byte[]? _idUtf8;

    /// <summary>The same route in a snapshot with other upstreams or limits.</summary>
    public Route With(
        IIntegration integration, Tunnels.UpgradeSettings? upgrades, long requestBodyBytes, int timeoutMs) => new()
        {
            Id = Id,
            StateIndex = StateIndex,
            CaptureNames = CaptureNames,
            RequestPolicies = RequestPolicies,
            ResponsePolicies = ResponsePolicies,
            TargetKind = TargetKind,
            Integration = integration,
            Upgrades = upgrades,
            AllowsEncodedSlash = AllowsEncodedSlash,
            InFlight = InFlight,
            RequestBodyBytes = requestBodyBytes,
            TimeoutMs = timeoutMs,
            _idUtf8 = _idUtf8,
        };
}

using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Endpoints are asked regularly whether they are well.</summary>
public sealed record ActiveHealthConfig
{
    /// <summary>Target of the GET; null: that a connection opens is enough.</summary>
    public string? Path { get; init; }

    /// <summary>Host of the GET; null: the endpoint's own.</summary>
    public string? Host { get; init; }

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Of one check, from the connect to the end of the answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Good answers in a row after which an unhealthy endpoint is healthy.</summary>
    public int HealthyAfter { get; init; } = 2;

    /// <summary>Bad ones in a row after which a healthy endpoint is unhealthy.</summary>
    public int UnhealthyAfter { get; init; } = 3;

    /// <summary>Share of the interval by which each wait is longer or shorter at random, 0 to 1.</summary>
    public double Jitter { get; init; } = 0.1;

    public ImmutableArray<StatusRange> ExpectedStatuses { get; init; } = [new StatusRange(200, 399)];

    /// <summary>Must occur in the answer's body; null: any body.</summary>
    public string? ExpectedText { get; init; }

    /// <summary>
    /// The service asked for with grpc.health.v1.Health/Check, empty for the server as a whole; null: no gRPC.
    /// </summary>
    public string? GrpcService { get; init; }
}

namespace DataPlane.Config;

/// <summary>One address of an upstream: a host and port, or a unix socket.</summary>
public sealed record EndpointConfig
{
    /// <summary>As written.</summary>
    public required string Url { get; init; }

    /// <summary>A name or address in lower case, without brackets; "localhost" for a unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535; 0 for a unix socket and for SRV.</summary>
    public required int Port { get; init; }

    public string? UnixPath { get; init; }

    /// <summary><see cref="Host"/> is the name of SRV records, which tell hosts, ports and weights.</summary>
    public bool IsService { get; init; }

    /// <summary>Spoken to over TLS.</summary>
    public bool IsTls { get; init; }

    /// <summary>Share of the exchanges, 0 to 1000; 0 takes the endpoint out of rotation.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>
    /// Group for failover, 0 to 15; one with a lower number is used while enough of it is healthy.
    /// </summary>
    public int Priority { get; init; }

    public SourceMark Mark { get; init; } = new("", 1, 1);
}

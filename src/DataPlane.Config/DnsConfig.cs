using System.Collections.Immutable;
using System.Net;

namespace DataPlane.Config;

/// <summary>How the names of endpoints are resolved.</summary>
public sealed record DnsConfig
{
    /// <summary>An answer is used at least so long, whatever its TTL says.</summary>
    public TimeSpan MinimumTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An answer is used at most so long.</summary>
    public TimeSpan MaximumTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one resolver may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the start waits for the first answers.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Asked in this order; empty for those of /etc/resolv.conf.</summary>
    public ImmutableArray<IPEndPoint> Resolvers { get; init; } = [];

    public DnsFamily Family { get; init; } = DnsFamily.Auto;
}

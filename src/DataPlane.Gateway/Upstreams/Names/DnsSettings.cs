using System.Collections.Immutable;
using System.Net;
using DataPlane.Config;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>How names are resolved: what the operator wrote and what the system says.</summary>
public sealed record DnsSettings
{
    public required TimeSpan MinimumTtl { get; init; }

    public required TimeSpan MaximumTtl { get; init; }

    /// <summary>Of one question to one resolver.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>In the order in which they are asked; none leaves the question to the runtime.</summary>
    public required ImmutableArray<IPEndPoint> Resolvers { get; init; }

    /// <summary>Domains a name with few dots may be meant in.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>A name with so many dots is first asked for as it is.</summary>
    public int Dots { get; init; } = 1;

    public required DnsFamily Family { get; init; }

    public bool Equals(DnsSettings? other) =>
        other is not null
        && (MinimumTtl, MaximumTtl, Timeout, Dots, Family)
            == (other.MinimumTtl, other.MaximumTtl, other.Timeout, other.Dots, other.Family)
        && Resolvers.SequenceEqual(other.Resolvers)
        && Search.SequenceEqual(other.Search, StringComparer.Ordinal);

    public override int GetHashCode() =>
        HashCode.Combine(MinimumTtl, MaximumTtl, Timeout, Dots, Family, Resolvers.Length, Search.Length);

    /// <summary>With the resolvers the operator named, or those of the machine. Reads a file.</summary>
    public static DnsSettings From(DnsConfig config)
    {
        var system = ResolverFile.Read();
        return new DnsSettings
        {
            MinimumTtl = config.MinimumTtl,
            MaximumTtl = config.MaximumTtl,
            Timeout = config.Timeout,
            Resolvers = config.Resolvers.IsEmpty ? system.Resolvers : config.Resolvers,
            Search = system.Search,
            Dots = system.Dots,
            Family = config.Family,
        };
    }
}

using System.Collections.Immutable;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>What a name stands for: addresses in a fixed order, and for how long that may be believed.</summary>
public sealed record NameAnswer(ImmutableArray<ResolvedAddress> Addresses, TimeSpan Ttl)
{
    public bool IsSame(NameAnswer? other) => other is not null && Addresses.SequenceEqual(other.Addresses);
}

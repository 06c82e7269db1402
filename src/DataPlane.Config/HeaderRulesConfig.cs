using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Changes to one direction's header fields, applied in the order remove, set, add.</summary>
public sealed record HeaderRulesConfig
{
    /// <summary>Replaces every field of that name.</summary>
    public ImmutableArray<HeaderRule> Set { get; init; } = [];

    /// <summary>Adds one more field.</summary>
    public ImmutableArray<HeaderRule> Add { get; init; } = [];

    public ImmutableArray<string> Remove { get; init; } = [];
}

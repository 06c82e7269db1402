namespace DataPlane.Http.Caching;

/// <summary>What an operator says about the lifetime of responses. Seconds.</summary>
public readonly record struct FreshnessRules
{
    /// <summary>Of responses that say nothing themselves; -1 for none.</summary>
    public int Ttl { get; init; }

    /// <summary><see cref="Ttl"/> stands in place of what responses say of their lifetime.</summary>
    public bool ForcesTtl { get; init; }

    /// <summary>Of the time since the last change, for responses that say nothing else; 0 for none.</summary>
    public double HeuristicShare { get; init; }

    public int HeuristicMost { get; init; }
}

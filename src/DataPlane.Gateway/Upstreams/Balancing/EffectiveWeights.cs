namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>Weights to pick by, in the order of the members, and whether health was ignored for them.</summary>
public readonly record struct EffectiveWeights(int[] Weights, bool IsPanic);

namespace DataPlane.Config.Targets;

/// <summary>One upstream's share of a split; <c>Weight</c> is 0 to 1000, relative to the others'.</summary>
public sealed record SplitShare(int Weight, string Upstream, ValueTemplate? Rewrite);

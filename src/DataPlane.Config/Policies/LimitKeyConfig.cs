namespace DataPlane.Config.Policies;

/// <summary>One part of a limit's key. Name is empty for kinds that need none.</summary>
public sealed record LimitKeyConfig(LimitKeyKind Kind, string Name);

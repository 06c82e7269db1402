namespace DataPlane.Config;

/// <summary>The part of a request that names who it belongs to. Name is empty for kinds that need none.</summary>
public sealed record HashKeyConfig(HashKeyKind Kind, string Name);

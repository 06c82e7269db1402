namespace DataPlane.Config;

/// <summary>
/// A header or query field that must be there, with exactly <c>Value</c> or, when that is null, with any.
/// </summary>
public sealed record FieldCondition(string Name, string? Value);

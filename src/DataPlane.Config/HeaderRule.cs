namespace DataPlane.Config;

/// <summary>A field name, as written, and its value.</summary>
public sealed record HeaderRule(string Name, ValueTemplate Value);

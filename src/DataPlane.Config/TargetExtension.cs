namespace DataPlane.Config;

/// <summary>One kind of target. <c>Schema</c> is a JSON Schema of what the reader gets.</summary>
public sealed record TargetExtension(TargetReader Read, string Schema);

namespace DataPlane.Config;

/// <summary>One kind of target or policy. <c>Schema</c> is a JSON Schema of what the validator gets.</summary>
public sealed record KindExtension(NodeValidator Validate, string Schema);

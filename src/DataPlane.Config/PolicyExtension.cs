namespace DataPlane.Config;

/// <summary>One kind of policy. <c>Schema</c> is a JSON Schema of what the validator gets.</summary>
public sealed record PolicyExtension(NodeValidator Validate, string Schema);

namespace DataPlane.Admin;

/// <summary>Answer to a configuration that was taken.</summary>
internal sealed record AdminConfigTaken(AdminGeneration Generation, string? Note);

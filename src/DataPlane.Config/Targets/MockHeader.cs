namespace DataPlane.Config.Targets;

/// <summary>A field of a mock's response; the same for every request, so that it can be rendered once.</summary>
public sealed record MockHeader(string Name, string Value);

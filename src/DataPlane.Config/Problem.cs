namespace DataPlane.Config;

/// <summary>What is wrong with a text, and how to fix it: a <see cref="ConfigError"/> without its place.</summary>
public sealed record Problem(string Message, string Fix);

namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>What the samples are called with, and answer.</summary>
public sealed record SampleEvent(string Name, int[]? Values, string? More = null);

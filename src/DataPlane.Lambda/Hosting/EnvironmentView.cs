namespace DataPlane.Lambda.Hosting;

/// <summary>One environment for people.</summary>
public sealed record EnvironmentView(
    string LogStream, EnvironmentState State, int Invocations, int MaxMemoryMiB, double AgeSeconds);

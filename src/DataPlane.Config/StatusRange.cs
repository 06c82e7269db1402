namespace DataPlane.Config;

/// <summary>HTTP statuses from the first to the last, both included.</summary>
public readonly record struct StatusRange(int First, int Last);

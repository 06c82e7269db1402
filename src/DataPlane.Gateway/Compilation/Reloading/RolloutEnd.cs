namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>How a roll-out ended: with the candidate in force, or not and why.</summary>
internal sealed record RolloutEnd(bool Succeeded, string Reason);

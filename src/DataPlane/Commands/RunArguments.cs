namespace DataPlane.Commands;

/// <summary>The options of <c>run</c> as they were given.</summary>
internal sealed record RunArguments(string? File, string[] Sets, string? State, bool LastGood, bool Watches);

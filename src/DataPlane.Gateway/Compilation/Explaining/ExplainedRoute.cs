namespace DataPlane.Gateway.Compilation.Explaining;

/// <summary>A row of the route table and what became of it.</summary>
public sealed record ExplainedRoute(string Route, string Host, string Path, bool IsChosen, string Why);

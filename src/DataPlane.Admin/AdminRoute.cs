namespace DataPlane.Admin;

/// <summary>One line of <c>GET /routes</c>. Empty hosts or methods mean any.</summary>
public sealed record AdminRoute(
    string Id, IReadOnlyList<string> Hosts, string Path, IReadOnlyList<string> Methods, int Priority, string To);

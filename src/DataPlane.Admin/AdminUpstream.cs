namespace DataPlane.Admin;

/// <summary>One upstream of <c>GET /upstreams</c>.</summary>
public sealed record AdminUpstream(string Name, IReadOnlyList<AdminEndpoint> Endpoints);

namespace DataPlane.Admin;

/// <summary>One upstream of <c>GET /upstreams</c>. Panic: so few are healthy that health is ignored.</summary>
public sealed record AdminUpstream(string Name, bool Panic, IReadOnlyList<AdminEndpoint> Endpoints);

namespace DataPlane.Admin;

/// <summary>One endpoint of <c>GET /upstreams</c>, with its connections over all loops at that moment.</summary>
public sealed record AdminEndpoint(string Url, int Weight, bool Healthy, int Connections, int Idle);

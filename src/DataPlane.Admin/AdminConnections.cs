using DataPlane.Gateway.Connections;

namespace DataPlane.Admin;

/// <summary>A page of <c>GET /connections</c>; <paramref name="Total"/> counts all that are open.</summary>
public sealed record AdminConnections(int Total, int Offset, int Limit, IReadOnlyList<ConnectionView> Connections);

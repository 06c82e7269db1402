namespace DataPlane.Config;

/// <summary>
/// The PROXY header that connections to an upstream begin with. <paramref name="Version"/> is 1 or 2;
/// <paramref name="UniqueId"/> adds an id of the connection, which version 1 has no room for.
/// </summary>
public sealed record UpstreamProxyConfig(int Version, bool UniqueId);

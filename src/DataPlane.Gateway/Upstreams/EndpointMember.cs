namespace DataPlane.Gateway.Upstreams;

/// <summary>An endpoint as one upstream uses it.</summary>
/// <param name="Endpoint">Shared by all generations of the configuration that name it.</param>
/// <param name="Weight">Share relative to the others of its group, 0 to 1000; 0 takes it out of rotation.</param>
/// <param name="Priority">Group for failover; the lowest number that has enough healthy endpoints is used.</param>
public readonly record struct EndpointMember(UpstreamEndpoint Endpoint, int Weight, int Priority = 0);

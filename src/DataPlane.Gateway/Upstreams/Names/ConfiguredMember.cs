namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>An endpoint of the configuration with what is said about it there.</summary>
public readonly record struct ConfiguredMember(MemberSource Source, int Weight, int Priority);

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>What is asked: a name, and whether its SRV records are meant. With which settings belongs to it.</summary>
public sealed record NameQuestion(string Name, bool IsService, DnsSettings Settings);

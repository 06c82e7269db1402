using System.Net;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>One record of an answer.</summary>
/// <param name="Name">In lower case, without the last dot.</param>
/// <param name="Type">One of those we know.</param>
/// <param name="TtlSeconds">0 to 2^31 - 1.</param>
/// <param name="Address">Of an address record.</param>
/// <param name="Target">The name an alias or a service stands for; "" for a service that is not offered.</param>
/// <param name="Port">Of a service.</param>
/// <param name="Priority">Of a service; the lowest is used first.</param>
/// <param name="Weight">Of a service; its share among those of its priority.</param>
public sealed record DnsRecord(
    string Name, DnsType Type, int TtlSeconds, IPAddress? Address = null, string Target = "", int Port = 0,
    int Priority = 0, int Weight = 0);

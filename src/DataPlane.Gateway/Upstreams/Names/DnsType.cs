namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// Record types that are asked for or followed, by their numbers (RFC 1035, 3.2.2; RFC 3596; RFC 2782).
/// </summary>
public enum DnsType : ushort
{
    Address4 = 1,
    Alias = 5,
    Address6 = 28,
    Service = 33,
}

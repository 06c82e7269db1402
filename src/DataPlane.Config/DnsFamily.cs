namespace DataPlane.Config;

/// <summary>Which addresses of a name are used.</summary>
public enum DnsFamily
{
    /// <summary>IPv4 and IPv6 alike.</summary>
    Any,
    Ipv4,
    Ipv6,
}

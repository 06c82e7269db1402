namespace DataPlane.Config;

/// <summary>Which addresses of a name are used.</summary>
public enum DnsFamily
{
    /// <summary>IPv4, or IPv6 where there is no IPv4: a machine with both is one endpoint, not two.</summary>
    Auto,
    Ipv4,
    Ipv6,

    /// <summary>Both alike.</summary>
    All,
}

namespace DataPlane.Http.ProxyProtocol;

/// <summary>What kind of addresses a header carries; the numbers are those of version 2.</summary>
public enum ProxyFamily : byte
{
    /// <summary>None that mean anything: the connection's own hold.</summary>
    Unknown,
    IPv4,
    IPv6,
    Unix,
}

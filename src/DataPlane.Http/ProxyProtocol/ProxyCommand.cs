namespace DataPlane.Http.ProxyProtocol;

/// <summary>What a header says about the connection it comes first on.</summary>
public enum ProxyCommand : byte
{
    /// <summary>The proxy speaks for itself, as in a health check: the connection's own addresses hold.</summary>
    Local,

    /// <summary>The proxy speaks for a client; see the header's addresses, which may be unknown.</summary>
    Proxy,
}

namespace DataPlane.Gateway.Connections.ProxyProtocol;

/// <summary>
/// What became of the header of a connection, where the parser did not refuse it. The metric's words, in snake case.
/// </summary>
internal enum ProxyResult
{
    Version1,
    Version2,

    /// <summary>The balancer's own connection, as of a health check.</summary>
    Local,

    /// <summary>No header where one is optional.</summary>
    None,

    /// <summary>No header where one is required.</summary>
    Missing,

    /// <summary>The peer is none of those that are trusted, and a header is required.</summary>
    Untrusted,

    /// <summary>The header was not there in time.</summary>
    Timeout,

    /// <summary>The peer left before the header was complete.</summary>
    Closed,
}

namespace DataPlane.Config;

/// <summary>What a part of a log template stands for.</summary>
public enum LogVariable
{
    /// <summary>The template itself.</summary>
    Literal,

    /// <summary>A name AWS has and this gateway has no value for: <c>-</c>.</summary>
    Absent,
    RequestId,
    ClientAddress,
    Method,
    Host,
    Path,
    Query,
    Protocol,
    UserAgent,
    Route,
    Upstream,
    Endpoint,
    Tries,
    Status,
    GrpcStatus,
    UpstreamStatus,
    BytesReceived,
    BytesSent,
    TotalMs,
    OwnMs,
    UpstreamMs,
    ConnectMs,
    FirstByteMs,
    Cache,
    Outcome,
    Side,
    ErrorText,
    ErrorLabel,
    TraceId,
    XRayTraceId,

    /// <summary>As the Common Log Format writes it.</summary>
    Time,
    TimeRfc3339,
    TimeEpochMs,
    TimeEpoch,

    /// <summary>Of the TLS the client speaks with the gateway: <c>TLSv1.3</c>.</summary>
    TlsVersion,

    /// <summary>The suite's name in IANA's registry.</summary>
    TlsCipherSuite,

    /// <summary>The name the client asked for by SNI.</summary>
    TlsServerName,

    /// <summary>The protocol agreed on by ALPN.</summary>
    TlsProtocol,

    /// <summary>Of the certificate the client has proved to have.</summary>
    CertificateSubject,
    CertificateIssuer,
    CertificateSerialNumber,
    CertificateNotBefore,
    CertificateNotAfter,

    /// <summary>SHA-256, 64 hex digits.</summary>
    CertificateFingerprint,

    /// <summary>What the PROXY header in front of the connection said: its version.</summary>
    ProxyVersion,

    /// <summary>The balancer that sent the PROXY header.</summary>
    ProxyPeer,
    ProxyAlpn,
    ProxyAuthority,
    ProxyUniqueId,
    ProxyTlsVersion,
    ProxyTlsCipherSuite,

    /// <summary>Of the certificate the client showed the balancer.</summary>
    ProxyCommonName,

    /// <summary>The VPC endpoint that an AWS balancer names.</summary>
    ProxyVpcEndpoint,

    /// <summary>The request's first field of the part's name.</summary>
    Header,

    /// <summary>The request's first query parameter of the part's name, as sent.</summary>
    QueryParameter,

    /// <summary>What the route's path captured under the part's name.</summary>
    Capture,
}

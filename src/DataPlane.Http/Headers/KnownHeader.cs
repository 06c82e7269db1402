namespace DataPlane.Http.Headers;

/// <summary>The field names the gateway acts on, so that after parsing nobody compares names again. Fewer than 128, so
/// that the presence of all of them fits two words.</summary>
public enum KnownHeader : byte
{
    Other = 0,

    // From Host to Connection: what a head itself is judged by, see KnownHeaders.HasMeaning.
    Host,
    Expect,
    ContentLength,

    /// <summary>An underscore spelling of Content-Length or Transfer-Encoding; the parsers refuse it.</summary>
    FramingAlias,

    // From TransferEncoding to Http2Settings: what ends at this hop, see KnownHeaders.IsHopByHop.
    TransferEncoding,
    Connection,
    KeepAlive,
    ProxyConnection,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyAuthenticationInfo,
    Te,
    Trailer,
    Upgrade,
    Http2Settings,

    XForwardedFor,
    XForwardedProto,
    XForwardedHost,
    XForwardedPort,
    Forwarded,
    Via,
    XRealIp,
    XRequestId,
    TraceParent,
    TraceState,

    Date,
    Server,
    UserAgent,
    Authorization,
    Cookie,
    SetCookie,
    ContentType,
    ContentEncoding,
    ContentLanguage,
    ContentLocation,
    ContentRange,
    Accept,
    AcceptEncoding,
    AcceptLanguage,
    AcceptRanges,
    CacheControl,
    Location,
    RetryAfter,
    Age,
    Allow,
    ETag,
    Expires,
    IfMatch,
    IfModifiedSince,
    IfNoneMatch,
    IfRange,
    IfUnmodifiedSince,
    LastModified,
    Origin,
    Pragma,
    Range,
    Referer,
    Vary,
    WwwAuthenticate,

    AccessControlAllowCredentials,
    AccessControlAllowHeaders,
    AccessControlAllowMethods,
    AccessControlAllowOrigin,
    AccessControlExposeHeaders,
    AccessControlMaxAge,
    AccessControlRequestHeaders,
    AccessControlRequestMethod,

    SecWebSocketAccept,
    SecWebSocketExtensions,
    SecWebSocketKey,
    SecWebSocketProtocol,
    SecWebSocketVersion,

    /// <summary>An underscore spelling of one of the X-Forwarded fields: servers that map names to variables
    /// (CGI, WSGI, nginx) cannot tell it from the real one, so it is trusted, or dropped, together with it.</summary>
    ForwardedAlias,
}

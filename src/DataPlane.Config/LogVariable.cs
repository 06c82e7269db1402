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

    /// <summary>The request's first field of the part's name.</summary>
    Header,

    /// <summary>The request's first query parameter of the part's name, as sent.</summary>
    QueryParameter,

    /// <summary>What the route's path captured under the part's name.</summary>
    Capture,
}

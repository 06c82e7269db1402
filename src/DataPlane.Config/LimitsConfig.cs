namespace DataPlane.Config;

/// <summary>What one client or one upstream may ask of the gateway. Zero switches off only where it says so.</summary>
public sealed record LimitsConfig
{
    /// <summary>Bytes of the request line and all header fields; more is 431.</summary>
    public int RequestHeadBytes { get; init; } = 32 * 1024;

    /// <summary>Bytes of the request line; more is 414.</summary>
    public int RequestLineBytes { get; init; } = 8 * 1024;

    /// <summary>Header fields of a request; more is 431.</summary>
    public int RequestHeaderCount { get; init; } = 100;

    /// <summary>Bytes of a request's body; more is 413. Zero allows no body.</summary>
    public long RequestBodyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Bytes of the status line and header fields of an upstream's response; more is 502.</summary>
    public int ResponseHeadBytes { get; init; } = 64 * 1024;

    /// <summary>Header fields of an upstream's response; more is 502.</summary>
    public int ResponseHeaderCount { get; init; } = 200;

    /// <summary>From a request's first byte to the end of its head.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two requests of a connection.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes per second a client must send of a body; 0 switches off.</summary>
    public int BodyMinimumRate { get; init; } = 240;

    /// <summary>How long a body, or the reading of a response, may be slower than its minimum rate.</summary>
    public TimeSpan BodyRateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes per second a client must take of a response; 0 switches off.</summary>
    public int ResponseMinimumRate { get; init; } = 240;

    /// <summary>A whole exchange, from request head to last response byte; zero switches off.</summary>
    public TimeSpan ExchangeTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How long an exchange lives on after its client's FIN, which may be a half-close or the client's end.
    /// </summary>
    public TimeSpan HalfCloseGrace { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Client connections of all listeners together.</summary>
    public int Connections { get; init; } = 10_000;

    /// <summary>Client connections of one address; 0 is unlimited.</summary>
    public int ConnectionsPerAddress { get; init; }

    /// <summary>Leading bits of an IPv6 address that count as one client's.</summary>
    public int ClientPrefixIpv6 { get; init; } = 64;

    /// <summary>Accepted connections of a listener that wait to be taken; beyond it nobody is accepted.</summary>
    public int AcceptBacklog { get; init; } = 1024;

    /// <summary>Connections accepted per second by all listeners together; 0 is unlimited.</summary>
    public double AcceptRate { get; init; }

    /// <summary>Resident bytes of the process; 0 is 90 % of what its container or machine has.</summary>
    public long Memory { get; init; }

    /// <summary>Requests before a connection is closed; 0 is unlimited.</summary>
    public int RequestsPerConnection { get; init; }

    public Http2LimitsConfig Http2 { get; init; } = new();

    /// <summary>A tunnel without a byte in either direction; zero switches off.</summary>
    public TimeSpan TunnelIdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A tunnel from its 101 on; zero switches off.</summary>
    public TimeSpan TunnelLifetime { get; init; } = TimeSpan.Zero;

    /// <summary>Tunnels that a route may have at once; more is 503.</summary>
    public int TunnelsPerRoute { get; init; } = 10_000;

    /// <summary>
    /// From SIGTERM, when <c>/readyz</c> begins to fail, to the end of accepting: what load balancers need to notice.
    /// </summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running exchanges may take to end when the gateway stops.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

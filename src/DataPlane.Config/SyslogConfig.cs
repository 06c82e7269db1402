namespace DataPlane.Config;

/// <summary>A receiver of syslog messages (RFC 5424), by datagrams on a unix socket or over UDP.</summary>
public sealed record SyslogConfig
{
    /// <summary>The socket's path; null over UDP.</summary>
    public string? UnixPath { get; init; }

    /// <summary>Name or address, over UDP.</summary>
    public string Host { get; init; } = "";

    /// <summary>0 over a unix socket.</summary>
    public int Port { get; init; }

    /// <summary>RFC 5424 6.2.1, 0 to 23.</summary>
    public int Facility { get; init; } = 23;

    /// <summary>APP-NAME: up to 48 printable characters without spaces.</summary>
    public string Tag { get; init; } = "dataplane";
}

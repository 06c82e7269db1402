using DataPlane.Config.Tls;

namespace DataPlane.Config;

/// <summary>The listener of metrics, health and the admin API.</summary>
public sealed record AdminConfig
{
    internal const string StandardAddress = "127.0.0.1:8081";

    public ListenAddress Address { get; init; } = ListenAddress.Parse(StandardAddress);

    /// <summary>
    /// The bearer token callers must show; null for none, which only loopback and unix sockets allow.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Null for cleartext.</summary>
    public ListenerTlsConfig? Tls { get; init; }
}

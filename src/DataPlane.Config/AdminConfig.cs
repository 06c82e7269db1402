using System.Collections.Immutable;
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

    /// <summary>Names of the listener in the Host field, besides <c>localhost</c> and addresses.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>
    /// Null, or why nobody may listen here: other machines could connect, and nothing would ask them who they are.
    /// </summary>
    internal static Problem? Exposure(ListenAddress address, bool hasToken, bool requiresCertificates) =>
        address.IsLocal || hasToken || requiresCertificates
            ? null
            : new Problem(
                "is required when the admin address is reachable from other machines",
                "set it, for example to \"${DATAPLANE_ADMIN_TOKEN}\", or listen on 127.0.0.1");
}

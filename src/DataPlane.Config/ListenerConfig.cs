using System.Collections.Immutable;
using System.Net;
using DataPlane.Config.Tls;

namespace DataPlane.Config;

/// <summary>An address where clients connect. Names and addresses are unique.</summary>
public sealed record ListenerConfig
{
    internal const string StandardName = "public";
    internal const string StandardAddress = "127.0.0.1:8080";

    public required string Name { get; init; }

    public required ListenAddress Address { get; init; }

    public bool SpeaksHttp1 { get; init; } = true;

    /// <summary>To clients that ask for it: by ALPN over TLS, by its preface in cleartext.</summary>
    public bool SpeaksHttp2 { get; init; } = true;

    /// <summary>Null for cleartext.</summary>
    public ListenerTlsConfig? Tls { get; init; }

    public ProxyProtocolMode ProxyProtocol { get; init; }

    /// <summary>Peers whose PROXY headers are believed; any peer of a unix socket is.</summary>
    public ImmutableArray<IPNetwork> Trusted { get; init; } = [];

    /// <summary>Exchanges under way at once; 0 is unlimited.</summary>
    public int MaxRequests { get; init; }

    public SourceMark Mark { get; init; } = new("", 1, 1);

    internal static ListenerConfig Standard { get; } =
        new() { Name = StandardName, Address = ListenAddress.Parse(StandardAddress) };
}

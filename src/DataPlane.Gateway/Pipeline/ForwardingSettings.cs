using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Config;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The compiled <c>forwarding</c> section. Immutable; any thread.</summary>
public sealed class ForwardingSettings(ForwardingConfig config, TracingConfig? tracing = null)
{
    private readonly (UInt128 Base, int HostBits)[] _trusted = [.. config.TrustedProxies.Select(NetworkOf)];

    private readonly KnownHeaderSet _dropped = DroppedOf(config, tracing, isTrusted: false);
    private readonly KnownHeaderSet _droppedOfTrusted = DroppedOf(config, tracing, isTrusted: true);

    public bool WritesXForwarded { get; } =
        config.Headers is ForwardedHeaders.XForwarded or ForwardedHeaders.Both;

    public bool WritesForwarded { get; } = config.Headers is ForwardedHeaders.Forwarded or ForwardedHeaders.Both;

    /// <summary>X-Forwarded-Client-Cert is the gateway's to write.</summary>
    public bool ClientCertificate { get; } = config.ClientCertificate;

    public bool RequestId { get; } = config.RequestId;

    public bool TraceContext { get; } = config.TraceContext && tracing is not { W3C: false };

    /// <summary>Null unless exchanges are sampled or X-Ray contexts are passed on.</summary>
    public TraceSettings? Tracing { get; } = tracing is null ? null : TraceSettings.Of(tracing);

    /// <summary>X-Amzn-Trace-Id is the gateway's to write.</summary>
    public bool XRay => Tracing is { XRay: true };

    /// <summary>The Via line of both directions (RFC 9110 7.6.3), or empty.</summary>
    public byte[] Via { get; } = config.Via ? Encoding.ASCII.GetBytes($"Via: 1.1 {config.ViaName}\r\n") : [];

    /// <summary>
    /// Known fields of a request that its upstream does not get from the client: those the gateway writes, and those
    /// that only a trusted proxy may write. Tracestate is one of them unless its trace goes on.
    /// </summary>
    public KnownHeaderSet DroppedFields(bool isTrusted) => isTrusted ? _droppedOfTrusted : _dropped;

    /// <summary>The same for names that are not known: bit n, one of n bytes is dropped.</summary>
    public ulong AskedLengths(bool isTrusted)
    {
        ulong asked = XRay ? 1UL << "X-Amzn-Trace-Id".Length : 0;
        return isTrusted && !ClientCertificate ? asked : asked | 1UL << "X-Forwarded-Client-Cert".Length;
    }

    /// <summary>The peer's forwarded fields are believed. Called once per connection.</summary>
    public bool Trusts(EndPoint? peer) => peer is IPEndPoint { Address: var address }
        ? Trusts(ClientAddress.NumberOf(address))
        // The epoll transport does not ask who is at the other end of a unix socket: it has no name.
        : config.TrustsUnixSockets;

    /// <summary>The same of an address as <see cref="ClientAddress.Number"/>; 0 bytes.</summary>
    public bool Trusts(UInt128 address)
    {
        foreach (var (network, hostBits) in _trusted)
        {
            if (hostBits == 128 || (address ^ network) >> hostBits == 0) return true;
        }
        return false;
    }

    private static KnownHeaderSet DroppedOf(ForwardingConfig config, TracingConfig? tracing, bool isTrusted)
    {
        // Servers that map names to variables cannot tell X_Forwarded_For from the real one.
        var dropped = KnownHeaderSet.Of(
            KnownHeader.Host, KnownHeader.ContentLength, KnownHeader.Expect, KnownHeader.ForwardedAlias);
        if (!isTrusted || config.Headers is ForwardedHeaders.XForwarded or ForwardedHeaders.Both)
        {
            dropped |= KnownHeaderSet.Of(
                KnownHeader.XForwardedFor, KnownHeader.XForwardedProto, KnownHeader.XForwardedHost,
                KnownHeader.XForwardedPort);
        }
        if (!isTrusted || config.Headers is ForwardedHeaders.Forwarded or ForwardedHeaders.Both)
            dropped = dropped.With(KnownHeader.Forwarded);
        if (!isTrusted) dropped = dropped.With(KnownHeader.XRealIp);
        if (config.RequestId) dropped = dropped.With(KnownHeader.XRequestId);
        if (config.TraceContext && tracing is not { W3C: false })
            dropped |= KnownHeaderSet.Of(KnownHeader.TraceParent, KnownHeader.TraceState);
        return dropped;
    }

    private static (UInt128 Base, int HostBits) NetworkOf(IPNetwork network)
    {
        int bits = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return (ClientAddress.NumberOf(network.BaseAddress), bits - network.PrefixLength);
    }
}

using System.Buffers.Binary;
using System.Net;
using DataPlane.Http.ProxyProtocol;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// What a trusted balancer's PROXY header said of the client's connection to it. Immutable; any thread. Spans are
/// empty for what was not sent.
/// </summary>
public sealed class ProxyFacts
{
    private const byte ClientSsl = 0x01;
    private const byte ClientCertificate = 0x02 | 0x04;
    private const int SslHeadBytes = 5;
    private const byte AwsVpcEndpoint = 0x01;

    private readonly byte[] _tlvs;

    /// <summary><paramref name="bytes"/> are the header's own.</summary>
    public ProxyFacts(ProxyHeader header, ReadOnlySpan<byte> bytes, EndPoint? peer)
    {
        Peer = peer;
        Version = header.Version;
        Source = EndPointOf(header.Family, header.Source, header.SourcePort);
        Destination = EndPointOf(header.Family, header.Destination, header.DestinationPort);
        _tlvs = header.Tlvs.Of(bytes).ToArray();
    }

    /// <summary>The balancer; null over a unix socket.</summary>
    public EndPoint? Peer { get; }

    /// <summary>1 or 2.</summary>
    public int Version { get; }

    /// <summary>The client; null when it came to the balancer over a unix socket.</summary>
    public IPEndPoint? Source { get; }

    /// <summary>Where the client connected to.</summary>
    public IPEndPoint? Destination { get; }

    /// <summary>The protocol agreed on with the client.</summary>
    public ReadOnlySpan<byte> Alpn => Find(ProxyTlvType.Alpn);

    /// <summary>The name the client asked for by SNI.</summary>
    public ReadOnlySpan<byte> Authority => Find(ProxyTlvType.Authority);

    /// <summary>The balancer's name for the connection; up to 128 bytes of any value.</summary>
    public ReadOnlySpan<byte> UniqueId => Find(ProxyTlvType.UniqueId);

    /// <summary>The client speaks TLS with the balancer.</summary>
    public bool IsTls => Find(ProxyTlvType.Ssl) is [var flags, ..] && (flags & ClientSsl) != 0;

    /// <summary>The client showed the balancer a certificate that the balancer found good.</summary>
    public bool HasVerifiedCertificate => Find(ProxyTlvType.Ssl) is [var flags, ..] ssl
        && (flags & ClientCertificate) != 0
        && BinaryPrimitives.ReadUInt32BigEndian(ssl[1..]) == 0;

    /// <summary>As the balancer calls it: <c>TLSv1.3</c>.</summary>
    public ReadOnlySpan<byte> TlsVersion => FindSsl(ProxyTlvType.SslVersion);

    /// <summary>Of the client's certificate.</summary>
    public ReadOnlySpan<byte> TlsCommonName => FindSsl(ProxyTlvType.SslCommonName);

    /// <summary>As the balancer calls it: <c>ECDHE-RSA-AES128-GCM-SHA256</c>.</summary>
    public ReadOnlySpan<byte> TlsCipher => FindSsl(ProxyTlvType.SslCipher);

    /// <summary>The VPC endpoint that an AWS balancer was reached through.</summary>
    public ReadOnlySpan<byte> VpcEndpoint =>
        Find(ProxyTlvType.Aws) is [AwsVpcEndpoint, .. var id] ? id : default;

    /// <summary>The value of the first extension of a type, or nothing.</summary>
    public ReadOnlySpan<byte> Find(byte type) => Find(_tlvs, type);

    private ReadOnlySpan<byte> FindSsl(byte type) =>
        Find(ProxyTlvType.Ssl) is { Length: >= SslHeadBytes } ssl ? Find(ssl[SslHeadBytes..], type) : default;

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> tlvs, byte type)
    {
        var reader = new ProxyTlvReader(tlvs);
        while (reader.TryNext())
        {
            if (reader.Type == type) return reader.Value;
        }
        return default;
    }

    private static IPEndPoint? EndPointOf(ProxyFamily family, ReadOnlySpan<byte> address, int port) =>
        family is ProxyFamily.IPv4 or ProxyFamily.IPv6 ? new IPEndPoint(new IPAddress(address), port) : null;
}

using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Http;

namespace DataPlane.Gateway.Pipeline;

/// <summary>What a handshake with a client came to. Immutable; any thread.</summary>
public sealed class TlsFacts
{
    private readonly ListenerTls _listener;
    private readonly ListenerCertificate _presented;
    private readonly byte[] _serverNameUtf8;

    internal TlsFacts(ListenerTls listener, SslStream tls)
    {
        _listener = listener;
        ServerName = string.IsNullOrEmpty(tls.TargetHostName) ? null : tls.TargetHostName;
        _serverNameUtf8 = Encoding.ASCII.GetBytes(ServerName ?? "");
        _presented = listener.Find(ServerName);
        Version = tls.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";
        CipherSuite = tls.NegotiatedCipherSuite;
        Protocol = tls.NegotiatedApplicationProtocol;
        if (listener.AsksForCertificates && tls.RemoteCertificate is { } certificate)
            Certificate = new ClientCertificate(certificate);
    }

    /// <summary><c>TLSv1.2</c> or <c>TLSv1.3</c>, as nginx has it.</summary>
    public string Version { get; }

    public TlsCipherSuite CipherSuite { get; }

    /// <summary>Agreed on by ALPN; empty when the client did not ask.</summary>
    public SslApplicationProtocol Protocol { get; }

    /// <summary>What the client asked for by SNI; null when it did not.</summary>
    public string? ServerName { get; }

    /// <summary>What the client has proved to be; null when it was not asked, or did not.</summary>
    public ClientCertificate? Certificate { get; }

    /// <summary>
    /// Whether a request for this host may come over the connection (RFC 9110, 7.4): when the client has asked for it,
    /// or for nothing, or would have been shown the same certificate had it asked. 0 bytes.
    /// </summary>
    public bool Serves(ReadOnlySpan<byte> host)
    {
        if (ServerName is null || Ascii.EqualsIgnoreCase(host, _serverNameUtf8)) return true;
        const int mostCharacters = 255;
        if (host.Length > mostCharacters) return false;
        Span<char> name = stackalloc char[mostCharacters];
        return ReferenceEquals(_listener.Find(name[..Encoding.Latin1.GetChars(host, name)]), _presented);
    }
}

using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The certificate a client has proved to have, signed by one of the listener's authorities: who the consumer is.
/// Immutable; any thread.
/// </summary>
public sealed class ClientCertificate
{
    private const int DnsTag = 2;
    private const int UriTag = 6;

    public ClientCertificate(X509Certificate certificate)
    {
        var parsed = certificate as X509Certificate2 ?? new X509Certificate2(certificate);
        Subject = parsed.Subject;
        Issuer = parsed.Issuer;
        SerialNumber = parsed.SerialNumber;
        NotBefore = new DateTimeOffset(parsed.NotBefore);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(parsed.RawDataMemory.Span));
        NotAfter = new DateTimeOffset(parsed.NotAfter);
        foreach (var extension in parsed.Extensions)
        {
            if (extension.Oid?.Value == "2.5.29.17") (DnsNames, Uris) = NamesOf(extension.RawData);
        }
        ConsumerUtf8 = Encoding.UTF8.GetBytes(Uris.Concat(DnsNames).FirstOrDefault(Subject));
        ForwardedUtf8 = Encoding.ASCII.GetBytes(Forwarded());
    }

    /// <summary>The distinguished name, as X.500 writes it: <c>CN=billing, O=Example</c>.</summary>
    public string Subject { get; }

    /// <summary>The distinguished name of the authority that signed it.</summary>
    public string Issuer { get; }

    /// <summary>Upper-case hex digits, the highest first.</summary>
    public string SerialNumber { get; }

    public DateTimeOffset NotBefore { get; }

    /// <summary>DNS names among the subject's alternative names.</summary>
    public IReadOnlyList<string> DnsNames { get; } = [];

    /// <summary>URIs among the subject's alternative names, such as a SPIFFE id.</summary>
    public IReadOnlyList<string> Uris { get; } = [];

    /// <summary>SHA-256 of the certificate, 64 lower-case hex digits.</summary>
    public string Fingerprint { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>
    /// Who the consumer is, whatever certificate says so: the first URI among the alternative names, else the first DNS
    /// name, else the subject.
    /// </summary>
    public byte[] ConsumerUtf8 { get; }

    /// <summary>The value of X-Forwarded-Client-Cert, in Envoy's form; visible ASCII and spaces.</summary>
    public byte[] ForwardedUtf8 { get; }

    private string Forwarded()
    {
        var text = new StringBuilder($"Hash={Fingerprint};Subject=\"{Quoted(Subject)}\"");
        foreach (string uri in Uris) text.Append($";URI={Plain(uri)}");
        foreach (string name in DnsNames) text.Append($";DNS={Plain(name)}");
        return text.ToString();
    }

    private static string Quoted(string text) =>
        Visible(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    // What ends an element may not stand in one: the authority signed the name, but not for this grammar.
    private static string Plain(string text) => string.Concat(Visible(text).Select(
        c => c is ';' or ',' or '=' or '"' or ' ' or '\\' ? Uri.HexEscape(c) : c.ToString()));

    private static string Visible(string text) =>
        string.Concat(text.Select(c => c is >= ' ' and < (char)0x7f ? c : '?'));

    private static (List<string> DnsNames, List<string> Uris) NamesOf(byte[] extension)
    {
        var dnsNames = new List<string>();
        var uris = new List<string>();
        try
        {
            var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag.TagClass == TagClass.ContextSpecific && tag.TagValue is DnsTag or UriTag)
                {
                    var into = tag.TagValue == DnsTag ? dnsNames : uris;
                    into.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            // The signature is good; what was signed is not. Nobody is named by it.
            return ([], []);
        }
        return (dnsNames, uris);
    }
}

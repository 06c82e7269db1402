using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;
using DataPlane.Config.Tls;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>tls</c> of a listener and of the admin listener.</summary>
internal static class TlsBinder
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(10);

    private static readonly KeyTable s_certificateKeys = new(
        new ConfigKey(
            "hosts", ValueShape.List(ValueShape.String),
            "Names it is shown for: exact, *.example.com, or * for all others; by default those in the certificate."),
        new ConfigKey("certificate", ValueShape.String, "PEM file, the chain included, or PFX file.")
        {
            Required = true,
        },
        new ConfigKey("key", ValueShape.String, "PEM file of the private key, if it is not in the other file."),
        new ConfigKey("password", ValueShape.String, "Of an encrypted key or PFX file.") { Secret = true });

    private static readonly KeyTable s_clientKeys = new(
        new ConfigKey("mode", ValueShape.Choice("none", "optional", "required"), "Whether clients show a certificate.")
        {
            Default = "none",
        },
        new ConfigKey("authorities", ValueShape.String, "PEM file of those who sign clients' certificates."));

    // Before the tables that use it: statics are made in the order they are written.
    public static ConfigKey MinimumVersion { get; } =
        new("minimumVersion", ValueShape.Choice("1.2", "1.3"), "Oldest TLS version spoken.") { Default = "1.2" };

    public static KeyTable Keys { get; } = new(
        new ConfigKey(
            "certificates", ValueShape.List(ValueShape.Section(s_certificateKeys)),
            "Chosen by the name the client asks for; the first is for all others.")
        {
            Required = true,
        },
        new ConfigKey("clientCertificates", ValueShape.Section(s_clientKeys), "Mutual TLS.") { Default = "{}" },
        MinimumVersion,
        new ConfigKey(
            "cipherSuites", ValueShape.List(ValueShape.String),
            "Allowed ones by IANA name, in order; without it those of the system.")
        {
            Default = "[]",
        },
        new ConfigKey(
            "handshakeTimeout", ValueShape.Duration(s_least, s_most),
            "From the connection's first moment to the end of the handshake.")
        {
            Default = "10s",
        },
        new ConfigKey("ocspStapling", ValueShape.Boolean, "Fetch OCSP responses and send them along.")
        {
            Default = "false",
        });

    /// <summary>Null without the section, and when something in it is wrong.</summary>
    public static ListenerTlsConfig? Bind(NodeReader listener, CertificateFiles files, ConfigErrors errors)
    {
        if (listener.Node("tls") is null) return null;
        var reader = listener.Section("tls");
        var certificates = BindCertificates(reader, files, errors);
        var clients = reader.Section("clientCertificates");
        var mode = clients.Enum<ClientCertificateMode>("mode");
        var authorities = files.ReadAuthorities(clients, "authorities");
        if (mode != ClientCertificateMode.None && clients.Node("authorities") is null)
            clients.Error("authorities", "is required to check clients' certificates", "name a PEM file");
        if (certificates.IsEmpty) return null;
        return new ListenerTlsConfig
        {
            Certificates = certificates,
            ClientCertificates = mode,
            Authorities = authorities,
            Protocols = ProtocolsOf(reader),
            CipherSuites = BindCipherSuites(reader, errors),
            HandshakeTimeout = reader.Duration("handshakeTimeout"),
            OcspStapling = reader.Bool("ocspStapling"),
        };
    }

    public static SslProtocols ProtocolsOf(NodeReader reader) => reader.Choice("minimumVersion") == "1.3"
        ? SslProtocols.Tls13
        : SslProtocols.Tls12 | SslProtocols.Tls13;

    private static ImmutableArray<ListenerCertificateConfig> BindCertificates(
        NodeReader tls, CertificateFiles files, ConfigErrors errors)
    {
        var certificates = ImmutableArray.CreateBuilder<ListenerCertificateConfig>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (PlacedNode item in tls.List("certificates"))
        {
            var reader = new NodeReader(item.Node, item.Path, s_certificateKeys, errors);
            var chain = files.ReadChain(reader);
            var hosts = reader.Node("hosts") is null && chain is not null
                ? NamesOf(chain.Leaf).Where(seen.Add).ToImmutableArray()
                : BindHosts(reader, seen, errors);
            if (chain is not null) certificates.Add(new ListenerCertificateConfig(hosts, chain));
        }
        if (tls.Node("certificates") is SequenceNode { Items.Count: 0 })
            tls.Error("certificates", "the list is empty", "add a certificate");
        return certificates.ToImmutable();
    }

    private static ImmutableArray<string> BindHosts(NodeReader reader, HashSet<string> seen, ConfigErrors errors)
    {
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List("hosts"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (HostRules.ParseCondition(text, out Problem problem) is not { } host)
                errors.Add(item.Node, item.Path, problem);
            else if (!seen.Add(host))
                errors.Add(item.Node, item.Path, "another certificate has this host", "write it once");
            else hosts.Add(host);
        }
        return hosts.ToImmutable();
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => name.ToLowerInvariant())
            .ToList();
        if (names.Count > 0) return names;
        return [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false).ToLowerInvariant()];
    }

    private static ImmutableArray<TlsCipherSuite> BindCipherSuites(NodeReader reader, ConfigErrors errors)
    {
        var suites = ImmutableArray.CreateBuilder<TlsCipherSuite>();
        foreach (PlacedNode item in reader.List("cipherSuites"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string name)) continue;
            if (Enum.TryParse(name, ignoreCase: false, out TlsCipherSuite suite) && !char.IsAsciiDigit(name[0]))
            {
                suites.Add(suite);
                continue;
            }
            string fix = NearestName.Suggest(name, Enum.GetNames<TlsCipherSuite>(), "cipher suites");
            errors.Add(item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is no cipher suite", fix);
        }
        if (suites.Count > 0 && !OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            reader.Error("cipherSuites", "cannot be chosen on this system", "remove it: the system's policy holds");
        return suites.ToImmutable();
    }
}

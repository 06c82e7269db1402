using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>What a template of the access log can say of the connection an exchange came on.</summary>
public sealed class ConnectionLogTests : IDisposable
{
    private const string Get = "GET /mock HTTP/1.1\r\nHost: one.example.com\r\nConnection: close\r\n\r\n";

    private readonly CertificateFolder _files = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connection-log-");
    private readonly X509Certificate2 _client;

    public ConnectionLogTests()
    {
        _files.Issue("one", "one.example.com");
        using var issued = _files.Issue("billing", "billing.example.com");
        _client = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), password: null);
    }

    public void Dispose()
    {
        _client.Dispose();
        _files.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [SocketWire(SslProtocols.Tls12, "TLSv1.2")]
    [SocketWire(SslProtocols.Tls13, "TLSv1.3")]
    public async Task Tls_IsTold(Wire wire, SslProtocols protocol, string version)
    {
        string line = await LineAsync(
            wire, "$context.tlsVersion $context.cipherSuite $context.tls.serverName $context.tls.alpn", Tls("optional"),
            async gateway =>
            {
                await using var client = await TlsPeer.ConnectAsync(
                    gateway.Port, "one.example.com", protocols: protocol);
                await AskAsync(client);
            });
        Assert.Matches($"^{version} TLS_[A-Z0-9_]+ one\\.example\\.com -$", line);
    }

    [Theory]
    [SocketWire]
    public async Task ClientCertificate_IsTold(Wire wire)
    {
        const string prefix = "$context.identity.clientCert.";
        string line = await LineAsync(
            wire,
            $"{prefix}subjectDN|{prefix}issuerDN|{prefix}serialNumber|{prefix}validity.notBefore|"
                + $"{prefix}validity.notAfter|{prefix}fingerprint",
            Tls("required"),
            async gateway =>
            {
                await using var client = await TlsPeer.ConnectAsync(gateway.Port, "one.example.com", _client);
                await AskAsync(client);
            });
        Assert.Equal(
            string.Join(
                '|', _client.Subject.Replace("\"", "\\x22", StringComparison.Ordinal), _client.Issuer,
                _client.SerialNumber, Time(_client.NotBefore), Time(_client.NotAfter),
                _client.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant()),
            line);
    }

    [Theory]
    [SocketWire]
    public async Task ExtensionsOfTheProxyHeader_AreTold(Wire wire)
    {
        string line = await LineAsync(
            wire,
            "$context.identity.sourceIp $context.proxy.version $context.proxy.peer $context.proxy.alpn "
                + "$context.proxy.authority $context.proxy.uniqueId $context.proxy.tlsVersion "
                + "$context.proxy.cipherSuite $context.proxy.commonName $context.identity.vpceId $context.tlsVersion",
            "proxyProtocol: required, trusted: [127.0.0.0/8]",
            async gateway =>
            {
                await using var client = await gateway.ConnectAsync();
                await client.SendAsync(ProxyHeader());
                await AskAsync(client);
            });
        Assert.Equal(
            "192.0.2.7 2 127.0.0.1 h2 shop.example.com id\\x00\\x22 TLSv1.3 TLS_AES_128_GCM_SHA256 carol "
                + "vpce-08d2bf15fac5001c9 -",
            line);
    }

    [Theory]
    [SocketWire]
    public async Task PlainConnection_HasNone(Wire wire)
    {
        string line = await LineAsync(
            wire, "$context.tlsVersion $context.proxy.version $context.proxy.authority $context.identity.vpceId "
                + "$context.identity.clientCert.subjectDN $context.status",
            keys: null,
            async gateway =>
            {
                await using var client = await gateway.ConnectAsync();
                await AskAsync(client);
            });
        Assert.Equal("- - - - - 200", line);
    }

    private async Task<string> LineAsync(
        Wire wire, string template, string? keys, Func<HostedGateway, Task> ask)
    {
        string log = Path.Combine(_folder.FullName, "access.log");
        await using (var gateway = new HostedGateway(wire) { ListenerKeys = keys })
        {
            await gateway.StartAsync(
                $$"""
                accessLog: { to: "file:{{log}}", format: '{{template}}' }
                routes: [ { match: { path: /mock }, to: { mock: { body: mocked } } } ]
                """);
            await ask(gateway);
        }
        return Assert.Single(File.ReadAllLines(log));
    }

    private string Tls(string mode) => $$"""
        tls: { certificates: [
            { certificate: "{{_files.PathOf("one.pem")}}", key: "{{_files.PathOf("one.key")}}" } ],
          clientCertificates: { mode: {{mode}}, authorities: "{{_files.PathOf("ca.pem")}}" } }
        """.ReplaceLineEndings(" ");

    private static async Task AskAsync(RawPeer client)
    {
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    private static string Time(DateTime local) =>
        local.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] ProxyHeader()
    {
        // Client and verified, verified well; then what is known of the TLS.
        byte[] ssl =
        [
            0x07, 0, 0, 0, 0, .. Tlv(0x21, "TLSv1.3"), .. Tlv(0x22, "carol"), .. Tlv(0x23, "TLS_AES_128_GCM_SHA256"),
        ];
        byte[] rest =
        [
            192, 0, 2, 7, 192, 0, 2, 1, 0xdc, 4, 1, 0xbb, .. Tlv(0x01, "h2"), .. Tlv(0x02, "shop.example.com"),
            .. Tlv(0x05, "id\0\""), 0x20, 0, (byte)ssl.Length, .. ssl, .. Tlv(0xea, "\u0001vpce-08d2bf15fac5001c9"),
        ];
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, (byte)rest.Length, .. rest];
    }

    private static byte[] Tlv(byte type, string value) =>
        [type, 0, (byte)value.Length, .. Encoding.Latin1.GetBytes(value)];
}

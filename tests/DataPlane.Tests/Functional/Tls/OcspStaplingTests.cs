using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Tls;

/// <summary>What the runtime staples, as <c>openssl s_client</c> sees it, by a real responder.</summary>
public sealed class OcspStaplingTests : IDisposable
{
    private const string Openssl = "openssl";

    private readonly CertificateFolder _files = new();
    private readonly int _port = RealTool.FreePort();

    public OcspStaplingTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=one", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(
            [$"http://127.0.0.1:{_port}"], caIssuersUris: null));
        var until = DateTimeOffset.UtcNow.AddDays(20);
        using var issued = request.Create(_files.Authority, until.AddDays(-21), until, [0x11, 0x22]);
        Write("one.key", key.ExportPkcs8PrivateKeyPem());
        Write("alone.pem", issued.ExportCertificatePem());
        Write("chain.pem", $"{issued.ExportCertificatePem()}\n{_files.Authority.ExportCertificatePem()}");
        using var authorityKey = _files.Authority.GetECDsaPrivateKey()!;
        Write("ca.key", authorityKey.ExportPkcs8PrivateKeyPem());
        // The responder's list of what was issued: valid until then, not revoked.
        string time = until.ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
        Write("index.txt", $"V\t{time}\t\t1122\tunknown\t/CN=one\n");
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [SocketWire]
    public async Task CertificateWithItsChain_IsStapled(Wire wire)
    {
        await using var responder = await StartResponderAsync();
        await using var gateway = await StartAsync(wire, "chain", "ocspStapling: true");
        await Eventually.HoldsAsync(
            async () => (await AskAsync(gateway)).Contains("Cert Status: good", StringComparison.Ordinal),
            "a stapled response");
    }

    [Theory]
    [SocketWire("alone", "ocspStapling: true")]
    [SocketWire("chain", "ocspStapling: false")]
    public async Task WithoutTheIssuerOrTheKey_NothingIsStapled(Wire wire, string certificate, string stapling)
    {
        await using var responder = await StartResponderAsync();
        await using var gateway = await StartAsync(wire, certificate, stapling);
        Assert.Contains("OCSP response: no response sent", await AskAsync(gateway), StringComparison.Ordinal);
    }

    /// <summary>A responder that is away costs the staple, not the handshake.</summary>
    [Theory]
    [SocketWire]
    public async Task ResponderThatIsAway_StopsNobody(Wire wire)
    {
        await using var gateway = await StartAsync(wire, "chain", "ocspStapling: true");
        Assert.Contains("OCSP response: no response sent", await AskAsync(gateway), StringComparison.Ordinal);
    }

    private async Task<RealTool> StartResponderAsync()
    {
        var responder = RealTool.Start(
            Openssl, Openssl, "ocsp", "-port", $"{_port}", "-index", _files.PathOf("index.txt"), "-CA",
            _files.PathOf("ca.pem"), "-rsigner", _files.PathOf("ca.pem"), "-rkey", _files.PathOf("ca.key"), "-nmin",
            "60", "-ignore_err");
        await Eventually.HoldsAsync(
            () => responder.Said.Contains("waiting for OCSP", StringComparison.OrdinalIgnoreCase), "the responder");
        return responder;
    }

    private async Task<HostedGateway> StartAsync(Wire wire, string certificate, string stapling)
    {
        string pem = _files.PathOf($"{certificate}.pem");
        var gateway = new HostedGateway(wire)
        {
            ListenerKeys = $$"""
                tls: { certificates: [ { certificate: "{{pem}}", key: "{{_files.PathOf("one.key")}}" } ], {{stapling}} }
                """,
        };
        await gateway.StartAsync("routes: []");
        return gateway;
    }

    private static async Task<string> AskAsync(HostedGateway gateway)
    {
        string command = $"openssl s_client -connect 127.0.0.1:{gateway.Port} -servername one -status </dev/null";
        return (await RealTool.RunAsync("sh", Openssl, "-c", command)).Said;
    }

    private void Write(string name, string text) => File.WriteAllText(_files.PathOf(name), text);
}

using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tls;

public sealed class ClientCertificateTests : IDisposable
{
    private const string Request = "GET /x HTTP/1.1\r\nHost: one.example.com\r\n"
        + "X-Forwarded-Client-Cert: Hash=forged\r\nx_forwarded_client_cert: forged\r\n\r\n";

    private readonly CertificateFolder _files = new();
    private readonly CertificateFolder _others = new("Another authority");
    private readonly X509Certificate2 _good;
    private readonly X509Certificate2 _stranger;

    public ClientCertificateTests()
    {
        _files.Issue("one", "one.example.com");
        _good = Usable(_files.Issue("billing", "billing.example.com", "spiffe://example/billing"));
        _stranger = Usable(_others.Issue("stranger", "stranger.example.com"));
    }

    public void Dispose()
    {
        _good.Dispose();
        _stranger.Dispose();
        _files.Dispose();
        _others.Dispose();
    }

    [Theory]
    [SocketWire("required", SslProtocols.Tls12)]
    [SocketWire("required", SslProtocols.Tls13)]
    [SocketWire("optional", SslProtocols.Tls13)]
    public async Task GoodCertificate_IsToldToTheUpstream(Wire wire, string mode, SslProtocols protocol)
    {
        await using var gateway = Create(wire, mode);
        var upstream = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url, "forwarding: { clientCertificate: true }"));
        await using var client = await TlsPeer.ConnectAsync(gateway.Port, "one.example.com", _good, protocol);

        await client.SendAsync(Request);
        await using var served = await upstream.AcceptAsync();
        string head = await served.ReadHeadAsync();
        await served.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");

        string hash = Convert.ToHexStringLower(_good.GetCertHash(HashAlgorithmName.SHA256));
        var told = new RawResponse(head, []).Field("X-Forwarded-Client-Cert");
        Assert.StartsWith($"Hash={hash};Subject=\"", told, StringComparison.Ordinal);
        Assert.EndsWith(";URI=spiffe://example/billing;DNS=billing.example.com", told, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", told, StringComparison.Ordinal);
        Assert.Equal(204, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task WithoutOne_OptionalServes_AndTellsNothing(Wire wire)
    {
        await using var gateway = Create(wire, "optional");
        var upstream = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url, "forwarding: { clientCertificate: true }"));
        await using var client = await TlsPeer.ConnectAsync(gateway.Port, "one.example.com");

        await client.SendAsync(Request);
        await using var served = await upstream.AcceptAsync();
        string head = await served.ReadHeadAsync();
        await served.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");

        Assert.Null(new RawResponse(head, []).Field("X-Forwarded-Client-Cert"));
        Assert.Equal(204, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire("required", false, SslProtocols.Tls12)]
    [SocketWire("required", false, SslProtocols.Tls13)]
    [SocketWire("required", true, SslProtocols.Tls12)]
    [SocketWire("required", true, SslProtocols.Tls13)]
    [SocketWire("optional", true, SslProtocols.Tls13)]
    public async Task WithoutAGoodOne_ThereIsNoConnection(
        Wire wire, string mode, bool showsStranger, SslProtocols protocol)
    {
        await using var gateway = Create(wire, mode);
        await gateway.StartAsync("routes: []");

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            // By TLS 1.3 the client is done before the gateway has judged; it finds out when it reads.
            await using var client = await TlsPeer.ConnectAsync(
                gateway.Port, "one.example.com", showsStranger ? _stranger : null, protocol);
            await client.SendAsync(Request);
            await client.ReadResponseAsync();
        });

        var counters = gateway.Snapshot.ListenerTls.Values.Single().Counters;
        await Eventually.HoldsAsync(() => counters.FailedBy(TlsFault.Certificate) == 1, "a certificate refused");
        Assert.Equal((0, 0), (counters.Tls12, counters.Tls13));
    }

    // A key that is only in memory is no use to a client on some systems.
    internal static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    private HostedGateway Create(Wire wire, string mode) => new(wire)
    {
        ListenerKeys = $$"""
            tls: { certificates: [
                { certificate: "{{_files.PathOf("one.pem")}}", key: "{{_files.PathOf("one.key")}}" } ],
              clientCertificates: { mode: {{mode}}, authorities: "{{_files.PathOf("ca.pem")}}" } }
            """.ReplaceLineEndings(" "),
    };
}

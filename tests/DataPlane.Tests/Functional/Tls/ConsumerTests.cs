using System.Security.Cryptography.X509Certificates;
using DataPlane.Tests.Functional.Caching;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tls;

/// <summary>Policies that tell consumers apart by the certificates they have proved to have.</summary>
public sealed class ConsumerTests : IDisposable
{
    private const string Request = "GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n";

    private readonly CertificateFolder _files = new();
    private readonly X509Certificate2 _billing;
    private readonly X509Certificate2 _renewed;
    private readonly X509Certificate2 _shipping;

    public ConsumerTests()
    {
        _files.Issue("one", "one.example.com");
        _billing = ClientCertificateTests.Usable(_files.Issue("a", "a.example.com", "spiffe://example/billing"));
        _renewed = ClientCertificateTests.Usable(_files.Issue("b", "b.example.com", "spiffe://example/billing"));
        _shipping = ClientCertificateTests.Usable(_files.Issue("c", "c.example.com"));
    }

    public void Dispose()
    {
        _billing.Dispose();
        _renewed.Dispose();
        _shipping.Dispose();
        _files.Dispose();
    }

    [Theory]
    [SocketWire]
    public async Task Limit_ByConsumer_CountsNamesAndNotCertificates(Wire wire)
    {
        await using var gateway = Create(wire);
        await gateway.StartAsync(
            """
            routes:
              - match: { path: /x }
                policies: [ { rateLimit: { key: consumer, rate: 1/h } } ]
                to: { mock: { body: ok } }
            """);
        Assert.Equal(200, await AskAsync(gateway, _billing));
        Assert.Equal(429, await AskAsync(gateway, _renewed));
        Assert.Equal(200, await AskAsync(gateway, _shipping));
        // Nobody by name: the address.
        Assert.Equal(200, await AskAsync(gateway, certificate: null));
        Assert.Equal(429, await AskAsync(gateway, certificate: null));
    }

    [Theory]
    [SocketWire("{ ttl: 1h }", false, 1)]
    [SocketWire("{ ttl: 1h, consumer: true }", false, 3)]
    // The upstream is told all of a certificate, and may answer by any of it.
    [SocketWire("{ ttl: 1h }", true, 4)]
    public async Task Cache_SharesNoResponseThatMayBeAConsumers(
        Wire wire, string policy, bool isForwarded, int asked)
    {
        await using var gateway = Create(wire);
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok("X-A: b"));
        await gateway.StartAsync(
            $$"""
            {{(isForwarded ? "forwarding: { clientCertificate: true }" : "")}}
            upstreams: { u: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes: [ { match: { path: /x }, policies: [ { cache: {{policy}} } ], to: { upstream: u } } ]
            """);
        foreach (var certificate in new[] { _billing, _renewed, _shipping, null })
        {
            Assert.Equal(200, await AskAsync(gateway, certificate));
            Assert.Equal(200, await AskAsync(gateway, certificate));
        }
        Assert.Equal(asked, upstream.Count);
    }

    private static async Task<int> AskAsync(HostedGateway gateway, X509Certificate2? certificate)
    {
        await using var client = await TlsPeer.ConnectAsync(gateway.Port, "one.example.com", certificate);
        await client.SendAsync(Request);
        return (await client.ReadResponseAsync()).Status;
    }

    private HostedGateway Create(Wire wire) => new(wire)
    {
        ListenerKeys = $$"""
            tls: { certificates: [
                { certificate: "{{_files.PathOf("one.pem")}}", key: "{{_files.PathOf("one.key")}}" } ],
              clientCertificates: { mode: optional, authorities: "{{_files.PathOf("ca.pem")}}" } }
            """.ReplaceLineEndings(" "),
    };
}

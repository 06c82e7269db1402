using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tls;

public sealed class TlsUpstreamTests : IDisposable
{
    private const string Request = "GET /x HTTP/1.1\r\nHost: example.com\r\n\r\n";
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly CertificateFolder _files = new();
    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly X509Certificate2 _certificate;

    public TlsUpstreamTests()
    {
        _certificate = _files.Issue("up", "up.internal", "127.0.0.1");
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen();
    }

    public void Dispose()
    {
        _listening.Dispose();
        _certificate.Dispose();
        _files.Dispose();
    }

    [Theory]
    [SocketWire]
    public async Task TwoRequests_ShareAConnection(Wire wire)
    {
        await using var gateway = await StartAsync(wire, $"authorities: \"{_files.PathOf("ca.pem")}\"");
        await using var client = await gateway.ConnectAsync();

        await client.SendAsync(Request);
        await using var upstream = await AcceptAsync();
        for (int each = 0; each < 3; each++)
        {
            if (each > 0) await client.SendAsync(Request);
            await upstream.ReadHeadAsync();
            await upstream.SendAsync(Answer);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        }
        Assert.Equal(1, CountersOf(gateway).Tls13);
    }

    [Theory]
    [SocketWire]
    public async Task LargeAnswer_ArrivesWhole(Wire wire)
    {
        await using var gateway = await StartAsync(wire, $"authorities: \"{_files.PathOf("ca.pem")}\"");
        await using var client = await gateway.ConnectAsync();
        byte[] body = new byte[3_000_000];
        new Random(3).NextBytes(body);

        await client.SendAsync(Request);
        await using var upstream = await AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
        var sending = upstream.SendAsync(body);

        Assert.Equal(body, (await client.ReadResponseAsync()).Body);
        await sending;
    }

    [Theory]
    [SocketWire("", "")]
    [SocketWire("serverName: up.internal", "up.internal")]
    public async Task ServerName_IsAskedForAndChecked(Wire wire, string more, string expected)
    {
        await using var gateway = await StartAsync(wire, $"authorities: \"{_files.PathOf("ca.pem")}\", {more}");
        string? asked = null;

        var asking = gateway.AskAsync(Request);
        await using var upstream = await AcceptAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                asked = name;
                return _certificate;
            },
        });
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(Answer);

        Assert.Equal(200, (await asking).Status);
        Assert.Equal(expected, asked ?? "");
    }

    [Theory]
    [SocketWire("verify: true")]
    [SocketWire("serverName: other.internal, authorities: CA")]
    [SocketWire("pins: [ \"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\" ], authorities: CA")]
    public async Task CertificateThatIsNotToBeBelieved_Is502AndTold(Wire wire, string tls)
    {
        await using var gateway = await StartAsync(wire, tls.Replace("CA", $"\"{_files.PathOf("ca.pem")}\""));

        var asking = gateway.AskAsync(Request);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            // By TLS 1.3 the upstream is done before the gateway has judged; it finds out when it reads.
            await using var upstream = await AcceptAsync();
            await upstream.ReadHeadAsync();
        });

        var response = await asking;
        Assert.Equal(502, response.Status);
        Assert.Contains("No TLS connection", response.Text, StringComparison.Ordinal);
        string told = Assert.Single(await gateway.TakeLoggedAsync());
        Assert.Contains("cannot agree on TLS: certificate", told, StringComparison.Ordinal);
        Assert.Equal(1, CountersOf(gateway).FailedBy(TlsFault.Certificate));
    }

    [Theory]
    [SocketWire("verify: false")]
    [SocketWire("verify: false, pins: [ PIN ]")]
    [SocketWire("authorities: CA, pins: [ PIN ]")]
    public async Task CertificateThatTheTermsAllow_IsTaken(Wire wire, string tls)
    {
        byte[] key = _certificate.PublicKey.ExportSubjectPublicKeyInfo();
        string pin = $"\"sha256/{Convert.ToBase64String(SHA256.HashData(key))}\"";
        await using var gateway = await StartAsync(
            wire, tls.Replace("CA", $"\"{_files.PathOf("ca.pem")}\"").Replace("PIN", pin));

        var asking = gateway.AskAsync(Request);
        await using var upstream = await AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(Answer);

        Assert.Equal(200, (await asking).Status);
        // That nothing is verified is told at the start.
        if (tls.StartsWith("verify", StringComparison.Ordinal)) gateway.TakeLogged();
    }

    [Theory]
    [SocketWire(SslProtocols.Tls12)]
    [SocketWire(SslProtocols.Tls13)]
    public async Task OwnCertificate_IsShown_AndANewOneAfterAReload(Wire wire, SslProtocols protocol)
    {
        _files.Issue("me", "gateway.internal");
        string tls = $"authorities: \"{_files.PathOf("ca.pem")}\", certificate: \"{_files.PathOf("me.pem")}\", "
            + $"key: \"{_files.PathOf("me.key")}\"";
        await using var gateway = await StartAsync(wire, tls);
        var shown = new List<string>();

        for (int each = 0; each < 2; each++)
        {
            var asking = gateway.AskAsync(Request);
            await using var upstream = await AcceptAsync(new SslServerAuthenticationOptions
            {
                EnabledSslProtocols = protocol,
                ServerCertificate = _certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
            shown.Add(upstream.Tls.RemoteCertificate!.GetSerialNumberString());
            await upstream.ReadHeadAsync();
            await upstream.SendAsync(Answer);
            Assert.Equal(200, (await asking).Status);
            _files.Issue("me", "gateway.internal");
            await gateway.ReloadAsync(Yaml(tls));
        }

        Assert.NotEqual(shown[0], shown[1]);
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamWithoutTls_Is502(Wire wire)
    {
        await using var gateway = await StartAsync(wire, $"authorities: \"{_files.PathOf("ca.pem")}\"");

        var asking = gateway.AskAsync(Request);
        await using var upstream = new SocketPeer(await _listening.AcceptAsync().WaitAsync(Eventually.Patience));
        await upstream.SendAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(502, (await asking).Status);
        string told = Assert.Single(await gateway.TakeLoggedAsync());
        Assert.Contains("cannot agree on TLS", told, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task HandshakeThatHangs_IsAConnectTimeout(Wire wire)
    {
        await using var gateway = await StartAsync(
            wire, $"authorities: \"{_files.PathOf("ca.pem")}\"", "timeouts: { connect: 200ms }");

        var asking = gateway.AskAsync(Request);
        using var accepted = await _listening.AcceptAsync().WaitAsync(Eventually.Patience);

        Assert.Equal(504, (await asking).Status);
    }

    [Theory]
    [SocketWire]
    public async Task IdleConnectionThatTheUpstreamCloses_IsNotUsedAgain(Wire wire)
    {
        await using var gateway = await StartAsync(wire, $"authorities: \"{_files.PathOf("ca.pem")}\"");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Request);
        await using (var first = await AcceptAsync())
        {
            await first.ReadHeadAsync();
            await first.SendAsync(Answer);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
            await first.HalfCloseAsync();
        }
        await Eventually.HoldsAsync(() => gateway.Snapshot.Upstreams[0].Endpoints[0].Idle == 0, "no idle connection");

        await client.SendAsync(Request);
        await using var second = await AcceptAsync();
        await second.ReadHeadAsync();
        await second.SendAsync(Answer);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [SocketWire]
    public async Task HealthChecks_UseTls(Wire wire)
    {
        await using var gateway = await StartAsync(
            wire, $"authorities: \"{_files.PathOf("ca.pem")}\"",
            "health: { active: { path: /healthz, interval: 100ms, timeout: 2s } }");

        await using var upstream = await AcceptAsync();
        string head = await upstream.ReadHeadAsync();
        await upstream.SendAsync(Answer);

        Assert.StartsWith("GET /healthz ", head, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => gateway.Snapshot.Upstreams[0].Health.IsKnown, "a verdict");
    }

    private static TlsCounters CountersOf(TestGateway gateway) => gateway.Snapshot.Upstreams[0].Tls!.Counters;

    private async Task<TlsPeer> AcceptAsync(SslServerAuthenticationOptions? options = null)
    {
        var accepted = await _listening.AcceptAsync().WaitAsync(Eventually.Patience);
        return await TlsPeer.AcceptAsync(
            accepted, options ?? new SslServerAuthenticationOptions { ServerCertificate = _certificate });
    }

    private Task<TestGateway> StartAsync(Wire wire, string tls, string more = "slowStart: 0s") =>
        TestGateway.StartAsync(wire, Yaml(tls, more));

    private string Yaml(string tls, string more = "slowStart: 0s") =>
        $$"""
        upstreams: { up: { endpoints: [ "https://{{_listening.LocalEndPoint}}" ], tls: { {{tls}} }, {{more}} } }
        routes: [ { id: all, match: { path: "/{path+}" }, to: { upstream: up } } ]
        """;
}

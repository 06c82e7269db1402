using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional;

/// <summary>The PROXY protocol with the program it comes from, in front of the gateway and behind it.</summary>
public sealed class HaproxyTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private const string Routes =
        """
        routes:
          - match: { path: / }
            headers: { response: { set: { X-Client: "{client.address}" } } }
            to: { mock: { body: hello } }
        """;

    [Theory]
    [SocketWire("send-proxy", "v1")]
    [SocketWire("send-proxy-v2", "local")]
    public async Task Balancer_TellsItsClients_AndChecksHealth(Wire wire, string option, string check)
    {
        await using var gateway = new HostedGateway(wire)
        {
            ListenerKeys = "proxyProtocol: required, trusted: [127.0.0.1]",
        };
        await gateway.StartAsync(Routes);
        await using var balancer = await HaproxyServer.StartAsync(port =>
            $"""
            frontend public
              bind 127.0.0.1:{port}
              default_backend gateway
            backend gateway
              option httpchk GET /
              http-check expect status 200
              server one {gateway.Address.Authority} {option} check inter 200ms
            """);
        await using var client = await ConnectAsync(balancer.Port, "127.0.0.2");
        await client.SendAsync(Get);
        var answer = await client.ReadResponseAsync();
        Assert.Equal(200, answer.Status);
        Assert.Equal("127.0.0.2", answer.Field("X-Client"));
        using var http = new HttpClient();
        await Eventually.HoldsAsync(
            async () => (await http.GetStringAsync(new Uri(gateway.AdminAddress, "metrics")))
                .Contains($"result=\"{check}\"", StringComparison.Ordinal),
            "a health check has been counted");
        Assert.DoesNotContain("DOWN", balancer.Said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire("v1")]
    [SocketWire("v2")]
    [SocketWire("{ version: v2, uniqueId: true }")]
    public async Task Upstream_BelievesWhatItIsTold(Wire wire, string form)
    {
        await using var upstream = await HaproxyServer.StartAsync(port =>
            $"""
            frontend service
              bind 127.0.0.1:{port} accept-proxy
              http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[dst_port]"
            """);
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(
            $$"""
            upstreams:
              up: { endpoints: [ "http://127.0.0.1:{{upstream.Port}}" ], proxyProtocol: {{form}} }
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """);
        await using var first = await ConnectAsync(gateway.Address.Port, "127.0.0.2");
        await using var second = await ConnectAsync(gateway.Address.Port, "127.0.0.3");
        for (int each = 0; each < 3; each++)
        {
            foreach (var client in new[] { first, second })
            {
                await client.SendAsync(Get);
                var answer = await client.ReadResponseAsync();
                Assert.Equal($"{client.LocalEndPoint} {gateway.Address.Port}", answer.Text);
            }
        }
    }

    [Theory]
    [SocketWire("1.1")]
    [SocketWire("2")]
    public async Task HeaderBeforeTls_TellsTheClient(Wire wire, string http)
    {
        using var files = new CertificateFolder();
        files.Issue("one", "one.example.com");
        await using var gateway = new HostedGateway(wire)
        {
            ListenerKeys = $$"""
                proxyProtocol: required, trusted: [127.0.0.1], protocols: [http1, http2], tls: { certificates: [
                  { certificate: "{{files.PathOf("one.pem")}}", key: "{{files.PathOf("one.key")}}" } ] }
                """.ReplaceLineEndings(" "),
        };
        await gateway.StartAsync(Routes);
        await using var balancer = await HaproxyServer.StartAsync(port =>
            $"""
            listen public
              mode tcp
              bind 127.0.0.1:{port}
              server one 127.0.0.1:{gateway.Port} send-proxy-v2
            """);
        var (status, said) = await RealTool.RunAsync(
            "curl", "curl", "-sSi", $"--http{http}", "--interface", "127.0.0.2", "--cacert", files.PathOf("ca.pem"),
            "--resolve", $"one.example.com:{balancer.Port}:127.0.0.1", $"https://one.example.com:{balancer.Port}/");
        Assert.True(status == 0, said);
        Assert.Contains("x-client: 127.0.0.2", said, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamOverTls_IsToldBeforeTheHandshake(Wire wire)
    {
        using var files = new CertificateFolder();
        files.Issue("one", "one.example.com");
        string both = files.PathOf("both.pem");
        string key = await File.ReadAllTextAsync(files.PathOf("one.key"));
        await File.WriteAllTextAsync(both, $"{await File.ReadAllTextAsync(files.PathOf("one.pem"))}\n{key}");
        await using var upstream = await HaproxyServer.StartAsync(port =>
            $"""
            frontend service
              bind 127.0.0.1:{port} accept-proxy ssl crt {both}
              http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port]"
            """);
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(
            $$"""
            upstreams:
              up:
                endpoints: [ "https://127.0.0.1:{{upstream.Port}}" ]
                tls: { authorities: "{{files.PathOf("ca.pem")}}", serverName: one.example.com }
                health: { active: { path: /, interval: 200ms } }
                proxyProtocol: v2
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """);
        await using var client = await ConnectAsync(gateway.Port, "127.0.0.2");
        for (int each = 0; each < 2; each++)
        {
            await client.SendAsync(Get);
            Assert.Equal($"{client.LocalEndPoint}", (await client.ReadResponseAsync()).Text);
        }
        var health = gateway.Snapshot.Upstreams[0].Endpoints[0].Health;
        await Eventually.HoldsAsync(() => health.Checked == EndpointState.Healthy, "a check has been answered");
    }

    private static async Task<SocketPeer> ConnectAsync(int port, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new SocketPeer(socket);
    }
}

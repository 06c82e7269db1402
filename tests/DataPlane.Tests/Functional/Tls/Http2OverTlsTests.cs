using System.Net;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Tls;

/// <summary>HTTP/2 behind a TLS handshake: the frames go through the same relays, encrypted on the loop.</summary>
public sealed class Http2OverTlsTests : IDisposable
{
    private readonly CertificateFolder _files = new();

    public Http2OverTlsTests()
    {
        _files.Issue("one", "one.example.com", "127.0.0.1").Dispose();
        _files.Issue("other", "other.example.com").Dispose();
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [SocketWire]
    public async Task LargeBodies_ArriveWholeInBothDirections(Wire wire)
    {
        const int length = 5_000_000;
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await StartAsync(wire, upstream.Url);
        using var client = Client();
        byte[] body = new byte[length];
        new Random(1).NextBytes(body);
        using var answer = await client.PostAsync(UrlOf(gateway, "/up"), new ByteArrayContent(body))
            .WaitAsync(Eventually.Patience);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.True(upstream.Requests.Single().AsSpan().EndsWith(body));
        Assert.Empty(upstream.Violations);
        await using var fake = FakeUpstream.Start();
        await using var large = await StartAsync(wire, fake.Url);
        using var other = Client();
        byte[] got = await other.GetByteArrayAsync(UrlOf(large, $"/bytes/{length}")).WaitAsync(Eventually.Patience);
        Assert.Equal(length, got.Length);
    }

    [Theory]
    [SocketWire]
    public async Task ManyStreamsAtOnce_AreAnswered(Wire wire)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await StartAsync(wire, upstream.Url);
        using var client = Client();
        var sizes = Enumerable.Range(0, 150).Select(each => each * 331).ToArray();
        var bodies = await Task.WhenAll(sizes.Select(
            size => client.GetByteArrayAsync(UrlOf(gateway, $"/chunked/{size}")))).WaitAsync(Eventually.Patience);
        Assert.Equal(sizes, bodies.Select(body => body.Length));
    }

    [Theory]
    [SocketWire]
    public async Task H2load_LosesNothing(Wire wire)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await StartAsync(wire, upstream.Url);
        var (code, said) = await RealTool.RunAsync(
            "h2load", "nghttp2-client", "-n", "2000", "-c", "4", "-m", "20", $"{UrlOf(gateway, "/x")}");
        Assert.True(code == 0, said);
        Assert.Contains("Application protocol: h2", said, StringComparison.Ordinal);
        Assert.Contains("2000 succeeded, 0 failed, 0 errored", said, StringComparison.Ordinal);
        Assert.Contains("2000 2xx", said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task Nghttp_UploadsAndSeesTheTrailers(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n");
        await using var gateway = await StartAsync(wire, upstream.Url);
        await File.WriteAllBytesAsync(_files.PathOf("body"), new byte[300_000]);
        var (code, said) = await RealTool.RunAsync(
            "nghttp", "nghttp2-client", "-nv", "-H", "te: trailers", "-d", _files.PathOf("body"),
            $"{UrlOf(gateway, "/x")}");
        Assert.True(code == 0, said);
        Assert.Contains("The negotiated protocol: h2", said, StringComparison.Ordinal);
        Assert.Contains("grpc-status: 0", said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire("h2,http/1.1", "h2", "one.example.com", "CN=one")]
    [SocketWire("http/1.1,h2", "h2", "other.example.com", "CN=other")]
    [SocketWire("http/1.1", "http/1.1", "other.example.com", "CN=other")]
    [SocketWire("http/1.1", "http/1.1", "unknown.example.com", "CN=one")]
    public async Task OpenSsl_IsToldProtocolAndCertificate(
        Wire wire, string offered, string chosen, string name, string subject)
    {
        await using var gateway = await StartAsync(wire, "http://127.0.0.1:1");
        var (_, said) = await RealTool.RunAsync(
            "sh", "dash", "-c",
            $"echo Q | openssl s_client -connect 127.0.0.1:{gateway.Port} -servername {name} -alpn {offered} 2>&1");
        Assert.Contains($"ALPN protocol: {chosen}", said, StringComparison.Ordinal);
        string shown = said.Replace(" = ", "=", StringComparison.Ordinal);
        Assert.Contains($", {subject}\n", shown, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatGoes_LeavesNothingBehind(Wire wire)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await StartAsync(wire, upstream.Url);
        for (int each = 0; each < 10; each++)
        {
            using var client = Client();
            using var leaving = new CancellationTokenSource();
            var asked = Enumerable.Range(0, 20)
                .Select(_ => client.GetByteArrayAsync(UrlOf(gateway, "/bytes/2000000"), leaving.Token)).ToArray();
            await Task.WhenAny(asked).WaitAsync(Eventually.Patience);
            await leaving.CancelAsync();
            await Task.WhenAll(asked).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        using var last = Client();
        Assert.Equal("mocked", await last.GetStringAsync(UrlOf(gateway, "/mock")).WaitAsync(Eventually.Patience));
        // That nothing is left behind, the gateway's end checks.
    }

    private async Task<HostedGateway> StartAsync(Wire wire, string upstream)
    {
        string one = _files.PathOf("one");
        string other = _files.PathOf("other");
        var gateway = new HostedGateway(wire)
        {
            ListenerKeys = $$"""
                tls: { certificates: [ { certificate: "{{one}}.pem", key: "{{one}}.key" },
                  { certificate: "{{other}}.pem", key: "{{other}}.key" } ] }
                """.ReplaceLineEndings(" "),
        };
        await gateway.StartAsync(TestGateway.ProxyTo(upstream, "limits: { requestBodyBytes: 64MiB }"));
        return gateway;
    }

    private static Uri UrlOf(HostedGateway gateway, string path) => new($"https://127.0.0.1:{gateway.Port}{path}");

    private static HttpClient Client()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        return new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}

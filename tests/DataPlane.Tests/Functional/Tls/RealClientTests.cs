using System.Globalization;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Tls;

/// <summary>The gateway's TLS by what others have written: OpenSSL, curl, nghttp2.</summary>
public sealed class RealClientTests : IDisposable
{
    private const string Mock = """
        routes: [ { id: mock, match: { path: "/{path+}" }, to: { mock: { body: mocked } } } ]
        """;

    private readonly CertificateFolder _files = new();

    public RealClientTests() => _files.Issue("one", "one.example.com");

    public void Dispose() => _files.Dispose();

    [Theory]
    [SocketWire("1.2", "1.1")]
    [SocketWire("1.3", "1.1")]
    [SocketWire("1.2", "2")]
    [SocketWire("1.3", "2")]
    public async Task Curl_IsServedTwiceOnOneConnection(Wire wire, string tls, string http)
    {
        await using var gateway = await StartAsync(wire);
        string url = $"https://one.example.com:{gateway.Port}/x";

        var (status, said) = await RealTool.RunAsync(
            "curl", "curl", "--silent", "--show-error", $"--tlsv{tls}", "--tls-max", tls,
            $"--http{http}", "--cacert", _files.PathOf("ca.pem"),
            "--resolve", $"one.example.com:{gateway.Port}:127.0.0.1",
            "--write-out", " %{http_version} %{http_code} %{num_connects}\\n", url, url);

        Assert.True(status == 0, said);
        Assert.Equal(
            [$"mocked {http} 200 1", $"mocked {http} 200 0"],
            said.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
    }

    [Theory]
    [SocketWire("-tls1_2")]
    [SocketWire("-tls1_3")]
    public async Task OpenSsl_ResumesASession_AndHearsCloseNotify(Wire wire, string version)
    {
        await using var gateway = await StartAsync(wire);
        string session = _files.PathOf("session");

        string first = await AskByOpenSslAsync(gateway, version, "-sess_out", session);
        string second = await AskByOpenSslAsync(gateway, version, "-sess_in", session);

        Assert.Contains("New, TLSv1.", first, StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1.", second, StringComparison.Ordinal);
        Assert.Contains("mocked", second, StringComparison.Ordinal);
        // What OpenSSL 3 says of a connection that ends without close_notify.
        Assert.DoesNotContain("unexpected eof", first + second, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task H2Load_LosesNoRequest(Wire wire)
    {
        await using var gateway = await StartAsync(wire);

        var (status, said) = await RealTool.RunAsync(
            "h2load", "nghttp2-client", "--h1", "--requests", "2000", "--clients", "20", "--max-concurrent-streams",
            "4", string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{gateway.Port}/x"));

        Assert.True(status == 0, said);
        Assert.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", said, StringComparison.Ordinal);
    }

    private static async Task<string> AskByOpenSslAsync(HostedGateway gateway, string version, params string[] more)
    {
        string command = $"printf 'GET /x HTTP/1.1\\r\\nHost: one.example.com\\r\\nConnection: close\\r\\n\\r\\n' | "
            + $"openssl s_client -connect 127.0.0.1:{gateway.Port} -servername one.example.com -ign_eof {version} "
            + string.Join(' ', more);
        return (await RealTool.RunAsync("sh", "dash", "-c", command)).Said;
    }

    private async Task<HostedGateway> StartAsync(Wire wire)
    {
        var gateway = new HostedGateway(wire)
        {
            ListenerKeys = $$"""
                tls: { certificates: [
                  { certificate: "{{_files.PathOf("one.pem")}}", key: "{{_files.PathOf("one.key")}}" } ] }
                """.ReplaceLineEndings(" "),
        };
        await gateway.StartAsync(Mock);
        return gateway;
    }
}

using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tls;

/// <summary>TLS on the admin listener, and certificates in place of a token.</summary>
public sealed class AdminTlsTests : IDisposable
{
    private readonly CertificateFolder _files = new();
    private readonly CertificateFolder _others = new("Another authority");

    public AdminTlsTests() => _files.Issue("admin", "127.0.0.1", "localhost");

    public void Dispose()
    {
        _files.Dispose();
        _others.Dispose();
    }

    [Theory]
    [InlineData("required", true)]
    [InlineData("optional", false)]
    [InlineData("none", false)]
    public void AddressBeyondLoopback_NeedsATokenOrRequiredCertificates(string mode, bool isTaken)
    {
        Assert.Equal(isTaken, Load("0.0.0.0:0", mode).Config is not null);
        Assert.NotNull(Load("127.0.0.1:0", mode).Config);
        if (isTaken) return;
        string error = Assert.Single(Load("0.0.0.0:0", mode).Errors).ToString();
        Assert.Contains("admin.token: is required when the admin address is reachable", error);
    }

    [Fact]
    public async Task OperatorWithACertificate_IsServedWithoutAToken()
    {
        await using var host = await StartAsync("required");
        using var good = Usable(_files.Issue("operator"));
        using (var client = Client(host, good))
        {
            Assert.Equal("ok\n", await client.GetStringAsync("/healthz"));
            Assert.Contains("\"admin\"", await client.GetStringAsync("/config"));
            // Another site's page is another site's page, whatever the browser shows.
            client.DefaultRequestHeaders.Add("Origin", "https://evil.example");
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/config")).StatusCode);
        }
        using var stranger = Usable(_others.Issue("stranger"));
        foreach (var bad in (X509Certificate2?[])[null, stranger])
        {
            using var client = Client(host, bad);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
        }
        await host.StopAsync();
    }

    [Fact]
    public async Task ChangeThatWouldOpenTheListenerToEverybody_IsRefused()
    {
        await using var host = await StartAsync("required", "0.0.0.0:0");
        var report = await host.Reloader!.PutAsync(Encoding.UTF8.GetBytes(Text("0.0.0.0:0", "optional")), _ => true);
        Assert.Equal(ReloadStatus.Refused, report.Status);
        using var client = Client(host, certificate: null);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
        await host.StopAsync();
    }

    [Fact]
    public void PrivateKey_IsInNothingThatIsKeptOrShown()
    {
        var result = Load("127.0.0.1:0", "required");
        Assert.Single(result.Sources);
        Assert.DoesNotContain("PRIVATE KEY", result.Sources[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", EffectiveConfig.Write(result.Root), StringComparison.Ordinal);
        const string broken = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----";
        File.WriteAllText(_files.PathOf("admin.key"), broken);
        var error = Assert.Single(Load("127.0.0.1:0", "none").Errors);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cleartext_IsNotAnswered()
    {
        await using var host = await StartAsync("none");
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{PortOf(host)}") };
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
        await host.StopAsync();
    }

    private static int PortOf(GatewayHost host) => new Uri(host.BoundAddresses.Last()).Port;

    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static HttpClient Client(GatewayHost host, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                ClientCertificates = certificate is null ? [] : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            },
        };
        return new HttpClient(handler) { BaseAddress = new($"https://127.0.0.1:{PortOf(host)}") };
    }

    private async Task<GatewayHost> StartAsync(string mode, string address = "127.0.0.1:0")
    {
        var source = ConfigSource.OfText("test.yaml", Text(address, mode), overrides: null, ConfigEnvironment.Process);
        var first = source.Load();
        Assert.True(first.Result.Config is not null, string.Join('\n', first.Result.Errors));
        var host = new GatewayHost(
            first.Result.Config, first.EffectiveJson.Value, TimeProvider.System,
            new RunOptions { Source = source, First = first });
        await host.StartAsync();
        return host;
    }

    private ConfigResult Load(string address, string mode) =>
        ConfigLoader.Parse(Text(address, mode), "test.yaml", environment: ConfigEnvironment.Process);

    private string Text(string address, string mode)
    {
        string authorities = mode == "none" ? "" : $", authorities: \"{_files.PathOf("ca.pem")}\"";
        return $$"""
        listeners: [ { name: public, address: "127.0.0.1:0" } ]
        accessLog: { to: off }
        transport: { loops: 1 }
        admin:
          address: "{{address}}"
          tls:
            certificates: [ { certificate: "{{_files.PathOf("admin.pem")}}", key: "{{_files.PathOf("admin.key")}}" } ]
            clientCertificates: { mode: {{mode}}{{authorities}} }
        """;
    }
}

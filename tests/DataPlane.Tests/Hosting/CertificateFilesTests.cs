using System.Globalization;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

/// <summary>Certificate files under a real process: they change, in every way they do, and it goes on.</summary>
public sealed class CertificateFilesTests : IDisposable
{
    private readonly CertificateFolder _files = new();
    private readonly int _port = GatewayProcess.FreePort();
    private readonly int _adminPort = GatewayProcess.FreePort();

    private string Configuration => _files.PathOf("gateway.yaml");

    private string Link => _files.PathOf("live");

    public void Dispose() => _files.Dispose();

    [LinuxFact]
    public async Task SwappedLink_BrokenFiles_AndNewOnes_AreTakenInTheirTurn()
    {
        // As Kubernetes mounts a secret: the path leads through a link that is replaced.
        MakeVersion("v1", days: 3);
        File.CreateSymbolicLink(Link, "v1");
        await File.WriteAllTextAsync(Configuration, Yaml());
        await using var gateway = GatewayProcess.Start($"run --config '{Configuration}'");
        await gateway.SaysAsync("serves on");
        await gateway.SaysAsync("live/tls.pem of listener public is good until");
        string first = await ShownAsync();

        MakeVersion("v2", days: 20);
        File.CreateSymbolicLink(Link + ".new", "v2");
        // The runtime follows links to folders before it moves them.
        var moved = await RealTool.RunAsync("mv", "coreutils", "-T", Link + ".new", Link);
        Assert.True(moved.ExitCode == 0, moved.Said);
        await gateway.SaysAsync("generation 2 is in force");
        string second = await ShownAsync();
        Assert.NotEqual(first, second);

        // A key of another certificate: what was good serves on.
        File.Copy(_files.PathOf("v1/tls.key"), _files.PathOf("v2/tls.key"), overwrite: true);
        await gateway.SaysAsync("is not the certificate's key");
        Assert.Equal(second, await ShownAsync());

        MakeVersion("v2", days: 20);
        await gateway.SaysAsync("generation 3 is in force");
        Assert.NotEqual(second, await ShownAsync());

        // The admin listener has the same certificate.
        var (status, said) = await RealTool.RunAsync(
            "curl", "curl", "--silent", "--show-error", "--cacert", _files.PathOf("ca.pem"),
            "--resolve", $"localhost:{_adminPort}:127.0.0.1", $"https://localhost:{_adminPort}/metrics");
        Assert.True(status == 0, said);
        Assert.Contains("dataplane_tls_certificate_not_after_timestamp_seconds{listener=\"public\"", said,
            StringComparison.Ordinal);
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task RequestsOnWarmConnections_AllocateNothing()
    {
        MakeVersion("v1", days: 20);
        File.CreateSymbolicLink(Link, "v1");
        await File.WriteAllTextAsync(Configuration, Yaml(hasAdminTls: false));
        await using var gateway = GatewayProcess.Start($"run --config '{Configuration}'");
        await gateway.SaysAsync("serves on");
        const int requests = 30_000;

        await LoadAsync(requests);
        // What the start does afterwards allocates as well; what remains is four handshakes, a scrape and the runtime's
        // own.
        await Eventually.HoldsAsync(
            async () =>
            {
                double before = await AllocatedAsync();
                await LoadAsync(requests);
                return (await AllocatedAsync() - before) / requests <= 32;
            },
            "requests that allocate nothing");
    }

    private async Task LoadAsync(int requests)
    {
        var (status, said) = await RealTool.RunAsync(
            "h2load", "nghttp2-client", "--h1", "--clients", "4", "--requests",
            requests.ToString(CultureInfo.InvariantCulture), $"https://127.0.0.1:{_port}/ping");
        Assert.True(status == 0, said);
        Assert.Contains($"{requests} succeeded, 0 failed", said, StringComparison.Ordinal);
    }

    private async Task<double> AllocatedAsync()
    {
        using var http = new HttpClient();
        string page = await http.GetStringAsync($"http://127.0.0.1:{_adminPort}/metrics");
        string line = page.Split('\n').Single(
            each => each.StartsWith("dotnet_gc_heap_total_allocated_bytes_total ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The serial number of the certificate that a new connection is shown.</summary>
    private async Task<string> ShownAsync()
    {
        await using var client = await TlsPeer.ConnectAsync(_port, "localhost");
        return client.Tls.RemoteCertificate!.GetSerialNumberString();
    }

    private void MakeVersion(string folder, int days)
    {
        Directory.CreateDirectory(_files.PathOf(folder));
        _files.Issue("tls", days, "localhost").Dispose();
        File.Move(_files.PathOf("tls.key"), _files.PathOf($"{folder}/tls.key"), overwrite: true);
        File.Move(_files.PathOf("tls.pem"), _files.PathOf($"{folder}/tls.pem"), overwrite: true);
    }

    private string Yaml(bool hasAdminTls = true) =>
        $$"""
        listeners:
          - name: public
            address: 127.0.0.1:{{_port}}
            tls: { certificates: [ { certificate: live/tls.pem, key: live/tls.key } ] }
        admin:
          address: 127.0.0.1:{{_adminPort}}
          {{(hasAdminTls ? "tls: { certificates: [ { certificate: live/tls.pem, key: live/tls.key } ] }" : "")}}
        accessLog: { to: off }
        routes: [ { match: { path: /ping }, to: { mock: { body: pong } } } ]
        """;
}

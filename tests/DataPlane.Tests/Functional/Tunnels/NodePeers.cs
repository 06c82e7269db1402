using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>
/// Node and its package ws, the WebSocket most applications use, as client and server. Installed once per run, into a
/// folder of its own, by the versions and digests of package-lock.json.
/// </summary>
public sealed class NodePeers : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplane-node-").FullName;

    public async Task InitializeAsync()
    {
        string source = Path.Combine(Repository.Root, "tests/DataPlane.Tests/Functional/Tunnels/Node");
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        var (status, said) = await RealTool.RunAsync(
            "npm", "npm", "ci", "--prefix", _folder, "--no-audit", "--no-fund", "--ignore-scripts");
        Assert.True(status == 0, said);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    internal RealTool StartClient(string mode, string url) =>
        RealTool.Start("node", "nodejs", Path.Combine(_folder, "client.mjs"), mode, url);

    /// <summary>As <see cref="StartClient"/>, trusting an authority of the test's.</summary>
    internal RealTool StartTlsClient(string mode, string url, string authority) =>
        RealTool.Start(
            "env", "coreutils", $"NODE_EXTRA_CA_CERTS={authority}", "node", Path.Combine(_folder, "client.mjs"), mode,
            url);

    /// <summary>An echo server, and the URL of it as an endpoint.</summary>
    internal async Task<(RealTool Server, string Url)> StartServerAsync()
    {
        var server = RealTool.Start("node", "nodejs", Path.Combine(_folder, "server.mjs"));
        await SaysAsync(server, "PORT ");
        string port = server.Said.Split("PORT ")[1].Split('\n')[0].Trim();
        return (server, $"http://127.0.0.1:{port}");
    }

    internal static Task SaysAsync(RealTool tool, string text) => Eventually.HoldsAsync(
        () => tool.Said.Contains(text, StringComparison.Ordinal), $"'{text}' in: {tool.Said}");
}

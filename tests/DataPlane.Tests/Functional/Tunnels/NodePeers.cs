using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>Node and its package ws, the WebSocket most applications use, as client and server.</summary>
public sealed class NodePeers() : NodePackages("tests/DataPlane.Tests/Functional/Tunnels/Node")
{
    internal RealTool StartClient(string mode, string url) =>
        RealTool.Start("node", "nodejs", PathOf("client.mjs"), mode, url);

    /// <summary>As <see cref="StartClient"/>, trusting an authority of the test's.</summary>
    internal RealTool StartTlsClient(string mode, string url, string authority) =>
        RealTool.Start(
            "env", "coreutils", $"NODE_EXTRA_CA_CERTS={authority}", "node", PathOf("client.mjs"), mode,
            url);

    /// <summary>An echo server, and the URL of it as an endpoint.</summary>
    internal async Task<(RealTool Server, string Url)> StartServerAsync()
    {
        var server = RealTool.Start("node", "nodejs", PathOf("server.mjs"));
        await SaysAsync(server, "PORT ");
        string port = server.Said.Split("PORT ")[1].Split('\n')[0].Trim();
        return (server, $"http://127.0.0.1:{port}");
    }

    internal static Task SaysAsync(RealTool tool, string text) => Eventually.HoldsAsync(
        () => tool.Said.Contains(text, StringComparison.Ordinal), $"'{text}' in: {tool.Said}");
}

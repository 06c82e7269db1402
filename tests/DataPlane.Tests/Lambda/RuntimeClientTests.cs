using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>AWS's own client of the Runtime API (npm's aws-lambda-ric), unchanged, against ours.</summary>
public sealed class RuntimeClientTests(NodeRuntimeClient client) : IClassFixture<NodeRuntimeClient>
{
    [LinuxFact]
    public async Task AwsLambdaRic_RunsAsItIs()
    {
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        string Function(string handler) =>
            $"{{ command: [/usr/bin/env, node, node_modules/.bin/aws-lambda-ric, {handler}], "
            + $"code: \"{client.Folder}\", timeout: 60s, initTimeout: 60s, watch: false, log: off }}";
        await gateway.StartAsync(
            $$"""
            functions:
              f: {{Function("index.handler")}}
              s: {{Function("index.stream")}}
            routes:
              - { match: { path: "/stream" }, to: { function: s } }
              - { match: { path: "/{path+}" }, to: { function: f } }
            """);
        Assert.Equal("/first f 36", (await AskAsync(gateway, "/first")).Text);
        Assert.Equal("/second f 36", (await AskAsync(gateway, "/second")).Text);
        Assert.Equal(500, (await AskAsync(gateway, "/throw")).Status);
        Assert.Equal(500, (await AskAsync(gateway, "/exit")).Status);
        Assert.Equal("/last f 36", (await AskAsync(gateway, "/last")).Text);
        var streamed = await AskAsync(gateway, "/stream");
        Assert.Equal(
            (201, "streamed", "one two"), (streamed.Status, streamed.Field("x-kind"), streamed.Text));
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        await Eventually.HoldsAsync(
            async () =>
            {
                string log = await admin.GetStringAsync("/functions/f/logs");
                return log.Contains("\tINFO\tseen /last\n", StringComparison.Ordinal)
                    && log.Contains("RangeError", StringComparison.Ordinal);
            },
            "what the function logged");
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway, string path) =>
        gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
}

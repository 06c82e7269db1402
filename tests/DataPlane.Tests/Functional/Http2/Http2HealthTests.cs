using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Tests.Functional.Harness;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>Active checks over HTTP/2, by path and by gRPC's health protocol.</summary>
public sealed class Http2HealthTests
{
    [Theory]
    [SocketWire("path: /healthz")]
    [SocketWire("grpc: { service: good }")]
    public async Task AnswerOfTheCheck_DecidesWhoIsUsed(Wire wire, string check)
    {
        await using var good = await Http2Upstream.StartAsync(context => AnswerAsync(context, isWell: true));
        await using var bad = await Http2Upstream.StartAsync(context => AnswerAsync(context, isWell: false));
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams:
              up:
                protocol: http2
                endpoints: [ "{{good.Url}}", "{{bad.Url}}" ]
                health: { active: { {{check}}, interval: 100ms, unhealthyAfter: 1 }, panicThreshold: 0% }
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """);
        var endpoints = gateway.Snapshot.Upstreams[0].Endpoints;
        var health = gateway.Snapshot.Upstreams[0].Health;
        await Eventually.HoldsAsync(
            () => endpoints.All(each => each.Health.Checked != EndpointState.Unknown),
            "both are checked");
        Assert.True(health.IsFit(endpoints[0]), endpoints[0].Health.Reason);
        Assert.False(health.IsFit(endpoints[1]), endpoints[1].Health.Reason);
        Assert.Single(await gateway.TakeLoggedAsync());
        for (int each = 0; each < 4; each++)
            Assert.Equal("good", (await gateway.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    private static async Task AnswerAsync(HttpContext context, bool isWell)
    {
        switch (context.Request.Path.Value)
        {
            case "/healthz":
                context.Response.StatusCode = isWell ? 200 : 503;
                break;
            case "/grpc.health.v1.Health/Check":
                context.Response.ContentType = "application/grpc";
                byte[] asked = new byte[11];
                await context.Request.Body.ReadExactlyAsync(asked);
                Assert.Equal([0, 0, 0, 0, 6, 0x0a, 4, .. "good"u8], asked);
                await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, (byte)(isWell ? 1 : 2) });
                context.Response.AppendTrailer("grpc-status", "0");
                break;
            default:
                await context.Response.WriteAsync(isWell ? "good" : "bad");
                break;
        }
    }
}

using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Grpc;

/// <summary>gRPC's own client and server, with the gateway between them.</summary>
public sealed class GrpcTests
{
    [Theory]
    [SocketWire("unary")]
    [SocketWire("metadata")]
    [SocketWire("download")]
    [SocketWire("upload")]
    [SocketWire("chat")]
    [SocketWire("errors")]
    [SocketWire("unimplemented")]
    [SocketWire("no_route")]
    [SocketWire("large")]
    [SocketWire("many")]
    public async Task Call_WorksAsWithoutTheGateway(Wire wire, string name)
    {
        int upstream = RealTool.FreePort();
        await using var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await StartAsync(wire, upstream);
        await GrpcPeer.PassAsync(PortOf(gateway), name);
    }

    [Theory]
    [SocketWire]
    public async Task DeadlineOfTheClient_EndsTheCallEverywhere(Wire wire)
    {
        int upstream = RealTool.FreePort();
        await using var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await StartAsync(wire, upstream);
        var client = GrpcPeer.PassAsync(PortOf(gateway), "deadline");
        await server.ExpectAsync("waiting with deadline");
        await server.ExpectAsync("gone");
        await client;
    }

    [Theory]
    [SocketWire]
    public async Task CallThatIsCancelled_IsCancelledAtTheServer(Wire wire)
    {
        int upstream = RealTool.FreePort();
        await using var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await StartAsync(wire, upstream);
        await using var client = GrpcPeer.Call(PortOf(gateway), "cancel");
        await server.ExpectAsync("waiting with deadline");
        await client.TellAsync("");
        await server.ExpectAsync("gone");
        await client.ExpectAsync("passed");
    }

    [Theory]
    [SocketWire]
    public async Task TimeOfTheRoute_IsADeadlineToo(Wire wire)
    {
        int upstream = RealTool.FreePort();
        await using var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await StartAsync(wire, upstream, "timeout: 300ms,");
        var client = GrpcPeer.PassAsync(PortOf(gateway), "route_timeout");
        await server.ExpectAsync("gone");
        await client;
    }

    [Theory]
    [SocketWire]
    public async Task NobodyListens_IsUnavailable(Wire wire)
    {
        await using var gateway = await StartAsync(wire, RealTool.FreePort());
        await GrpcPeer.PassAsync(PortOf(gateway), "unavailable");
    }

    [Theory]
    [SocketWire]
    public async Task ServerThatRestarts_IsFoundAgain(Wire wire)
    {
        int upstream = RealTool.FreePort();
        var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await StartAsync(wire, upstream);
        await using var client = GrpcPeer.Call(PortOf(gateway), "unary_until_told");
        for (int each = 0; each < 3; each++)
        {
            await client.TellAsync("a call");
            await client.ExpectAsync("answered");
            // In order: a GOAWAY, then the end.
            await server.TellAsync("");
            await server.DisposeAsync();
            server = await GrpcPeer.ServeAsync(upstream);
        }
        await server.DisposeAsync();
    }

    [Theory]
    [SocketWire("", true)]
    [SocketWire("sick", false)]
    [SocketWire("gone", false)]
    public async Task Health_IsAskedByItsProtocol(Wire wire, string service, bool isFit)
    {
        int upstream = RealTool.FreePort();
        await using var server = await GrpcPeer.ServeAsync(upstream);
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams:
              calls:
                protocol: http2
                endpoints: [ "http://127.0.0.1:{{upstream}}" ]
                health: { active: { grpc: { service: "{{service}}" }, interval: 100ms, unhealthyAfter: 1 } }
            """);
        var calls = gateway.Snapshot.Upstreams[0];
        await Eventually.HoldsAsync(
            () => calls.Endpoints[0].Health.Reason.Length > 0 && calls.Health.IsFit(calls.Endpoints[0]) == isFit,
            "the verdict of the check");
        gateway.TakeLogged();
    }

    private static int PortOf(TestGateway gateway) => ((HostedGateway)gateway).Port;

    private static Task<TestGateway> StartAsync(Wire wire, int upstream, string more = "")
    {
        return TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { calls: { protocol: http2, endpoints: [ "http://127.0.0.1:{{upstream}}" ] } }
            routes: [ { match: { path: "/test.Calls/{method}" }, {{more}} to: { upstream: calls } } ]
            """);
    }
}

using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>A generation that is tried on a share of the connections first. Virtual time only.</summary>
public sealed class RolloutTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Plan = "rollout: { steps: [10%, 50%, 100%], interval: 30s, abortWhen: { minimum: 10 } }";

    /// <summary>Nothing listens there.</summary>
    private const string DeadUrl = "http://127.0.0.1:1";

    [Fact]
    public async Task GoodGeneration_TakesOverStepByStep()
    {
        await using var gateway = await StartAsync(Mock("old"));
        var connections = await OpenAsync(gateway, 300);
        await gateway.ReloadAsync(Mock("new", Plan));
        Assert.InRange(await CountAsync(connections, "new"), 27, 33);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(31));
        Assert.InRange(await CountAsync(connections, "new"), 145, 155);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(300, await CountAsync(connections, "new"));
        Assert.Equal(GenerationState.RollingOut, gateway.Generations.All[0].State);
        Assert.Equal(1, gateway.Snapshot.Generation);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(
            [GenerationState.InForce, GenerationState.Superseded], gateway.Generations.All.Select(each => each.State));
        Assert.Equal(2, gateway.Snapshot.Generation);
        Assert.Null(gateway.Snapshot.Tally);
    }

    [Fact]
    public async Task Connection_StaysWithItsGenerationDuringAStep()
    {
        await using var gateway = await StartAsync(Mock("old"));
        await gateway.ReloadAsync(Mock("new", Plan));
        var connections = await OpenAsync(gateway, 100);
        var first = await AskAllAsync(connections);
        Assert.Equal(first, await AskAllAsync(connections));
        Assert.Contains("new", first);
    }

    [Fact]
    public async Task GenerationThatBreaksARoute_GoesBack_AndHurtsNoMoreThanTheFirstStep()
    {
        await using var gateway = await StartAsync(Mock("old"));
        await gateway.ReloadAsync(TestGateway.ProxyTo(DeadUrl, Plan));
        int hurt = 0, asked = 0;
        while (gateway.Generations.All[0].State == GenerationState.RollingOut)
        {
            Assert.True(asked < 1000, "it should have gone back by now");
            foreach (var connection in await OpenAsync(gateway, 20))
            {
                asked++;
                await connection.SendAsync(Get);
                if ((await connection.ReadResponseAsync()).Status != 200) hurt++;
                await connection.DisposeAsync();
            }
            await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        }
        Assert.InRange(hurt, 10, asked / 10 + 3);
        var back = gateway.Generations.All[0];
        Assert.Equal(GenerationState.RolledBack, back.State);
        Assert.Equal((hurt, hurt), ((int)back.Exchanges, (int)back.Failed));
        Assert.Contains("exchanges failed at a share of 10.0", back.Reason);
        Assert.Equal(1, gateway.Generations.Rollbacks);
        var after = await OpenAsync(gateway, 100);
        Assert.Equal(100, await CountAsync(after, "old"));
        Assert.Contains("Generation 2 was rolled back", Assert.Single(await gateway.TakeLoggedAsync()));
    }

    [Fact]
    public async Task OpenConnection_IsBackAtOnce()
    {
        await using var gateway = await StartAsync(Mock("old"));
        var connections = await OpenAsync(gateway, 200);
        await gateway.ReloadAsync(TestGateway.ProxyTo(DeadUrl, Plan));
        await AskAllAsync(connections);
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal(200, await CountAsync(connections, "old"));
        gateway.TakeLogged();
    }

    [Fact]
    public async Task RouteThatWasLost_CountsAsFailure_UnknownPathDoesNot()
    {
        await using var gateway = await StartAsync(Mock("old"));
        var connections = await OpenAsync(gateway, 200);
        await gateway.ReloadAsync(Mock("new", Plan));
        foreach (var connection in connections) await AskAsync(connection, "/never");
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal(GenerationState.RollingOut, gateway.Generations.All[0].State);
        await gateway.ReloadAsync(Plan);
        await AskAllAsync(connections);
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal(
            [GenerationState.RolledBack, GenerationState.Superseded, GenerationState.InForce],
            gateway.Generations.All.Select(each => each.State));
        gateway.TakeLogged();
    }

    [Fact]
    public async Task UpstreamThatFailsUnderBoth_IsNoReasonToGoBack()
    {
        await using var gateway = await StartAsync(TestGateway.ProxyTo(DeadUrl));
        var connections = await OpenAsync(gateway, 200);
        await gateway.ReloadAsync(TestGateway.ProxyTo(DeadUrl, Plan));
        for (int step = 0; step < 3; step++)
        {
            await AskAllAsync(connections);
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(31));
        }
        Assert.Equal(GenerationState.InForce, gateway.Generations.All[0].State);
    }

    [Fact]
    public async Task FailureInTheLastStep_StillGoesBack()
    {
        await using var gateway = await StartAsync(Mock("old"));
        await gateway.ReloadAsync(
            TestGateway.ProxyTo(DeadUrl, "rollout: { steps: [100%], interval: 30s, abortWhen: { minimum: 5 } }"));
        var connections = await OpenAsync(gateway, 10);
        await AskAllAsync(connections);
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal(10, await CountAsync(connections, "old"));
        gateway.TakeLogged();
    }

    [Fact]
    public async Task WithoutTraffic_StepsGoOn()
    {
        await using var gateway = await StartAsync(Mock("old"));
        await gateway.ReloadAsync(TestGateway.ProxyTo(DeadUrl, Plan));
        for (int step = 0; step < 3; step++) await gateway.AdvanceAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(GenerationState.InForce, gateway.Generations.All[0].State);
    }

    [Fact]
    public async Task GenerationThatComesInBetween_EndsTheRollout()
    {
        await using var gateway = await StartAsync(Mock("old"));
        await gateway.ReloadAsync(Mock("tried", Plan));
        await gateway.ReloadAsync(Mock("new"));
        var connections = await OpenAsync(gateway, 50);
        Assert.Equal(50, await CountAsync(connections, "new"));
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(
            [GenerationState.InForce, GenerationState.Superseded, GenerationState.Superseded],
            gateway.Generations.All.Select(each => each.State));
    }

    [Fact]
    public async Task EndpointOfTheGenerationThatWentBack_IsClosed_ThatOfTheOldOneIsKept()
    {
        await using var gateway = new MemoryGateway();
        var old = gateway.Listen();
        var tried = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(old.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var oldUpstream = await old.AcceptAsync();
        await AnswerAsync(oldUpstream, 200);
        await client.ReadResponseAsync();
        await gateway.ReloadAsync(TestGateway.ProxyTo(
            tried.Url, "rollout: { steps: [100%], abortWhen: { minimum: 1 } }"));
        await client.SendAsync(Get);
        await using var triedUpstream = await tried.AcceptAsync();
        await AnswerAsync(triedUpstream, 500);
        await client.ReadResponseAsync();
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal("", await triedUpstream.ReadToEndAsync());
        await client.SendAsync(Get);
        await AnswerAsync(oldUpstream, 200);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, old.Accepted);
        gateway.TakeLogged();
    }

    private static async Task AnswerAsync(RawPeer upstream, int status)
    {
        await upstream.ReadHeadAsync();
        await upstream.SendAsync($"HTTP/1.1 {status} Some\r\nContent-Length: 2\r\n\r\nok");
    }

    private static string Mock(string body, string more = "") =>
        $$"""
        {{more}}
        routes: [ { match: { path: /a }, to: { mock: { body: {{body}} } } } ]
        """;

    private static async Task<MemoryGateway> StartAsync(string yaml)
    {
        var gateway = new MemoryGateway();
        await gateway.StartAsync(yaml);
        return gateway;
    }

    private static async Task<List<RawPeer>> OpenAsync(MemoryGateway gateway, int count)
    {
        var connections = new List<RawPeer>();
        for (int each = 0; each < count; each++) connections.Add(await gateway.ConnectAsync());
        return connections;
    }

    private static async Task<string> AskAsync(RawPeer connection, string path)
    {
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        return (await connection.ReadResponseAsync()).Text;
    }

    private static async Task<List<string>> AskAllAsync(List<RawPeer> connections)
    {
        var texts = new List<string>();
        foreach (var connection in connections) texts.Add(await AskAsync(connection, "/a"));
        return texts;
    }

    private static async Task<int> CountAsync(List<RawPeer> connections, string body) =>
        (await AskAllAsync(connections)).Count(text => text == body);
}

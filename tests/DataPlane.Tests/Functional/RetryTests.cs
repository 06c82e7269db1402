using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>What is tried again, where, and how often.</summary>
public sealed class RetryTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Busy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    [Theory]
    [EveryWire]
    public async Task ConnectionThatDiesWithoutAnAnswer_IsTriedOnAnotherEndpoint(Wire wire)
    {
        await using var bad = FakeUpstream.Start();
        await using var good = FakeUpstream.Start();
        bad.AnswerRaw("/x", "", thenClose: true);
        await using var gateway = await StartAsync(wire, "attempts: 1, on: [reset]", bad.Url, good.Url);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 6; each++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(6, good.RequestCount);
        Assert.Equal(3, bad.RequestCount);
        Assert.Equal(3, gateway.Snapshot.Upstreams[0].Retries!.Made(RetryReason.Reset));
    }

    [Theory]
    [EveryWire("POST", "Content-Length: 0\r\n\r\n")]
    [EveryWire("PUT", "Content-Length: 2\r\n\r\nab")]
    public async Task WhatCannotBeSentTwice_Is502(Wire wire, string method, string rest)
    {
        await using var bad = FakeUpstream.Start();
        bad.AnswerRaw("/x", "", thenClose: true);
        await using var gateway = await StartAsync(wire, "attempts: 3, on: [reset]", bad.Url);
        Assert.Equal(502, (await gateway.AskAsync($"{method} /x HTTP/1.1\r\nHost: a\r\n{rest}")).Status);
        Assert.Equal(1, bad.RequestCount);
    }

    [Theory]
    [EveryWire]
    public async Task MethodTheOperatorNamed_IsTriedAgain(Wire wire)
    {
        await using var bad = FakeUpstream.Start();
        bad.AnswerRaw("/x", "", thenClose: true);
        await using var gateway = await StartAsync(wire, "attempts: 2, on: [reset], methods: [POST]", bad.Url);
        var response = await gateway.AskAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(502, response.Status);
        Assert.Equal(3, bad.RequestCount);
    }

    [Theory]
    [EveryWire("503")]
    [EveryWire("5xx")]
    public async Task StatusThatIsNamed_IsTriedOnAnotherEndpoint(Wire wire, string condition)
    {
        await using var bad = FakeUpstream.Start();
        await using var good = FakeUpstream.Start();
        bad.AnswerRaw("/x", Busy);
        await using var gateway = await StartAsync(wire, $"attempts: 1, on: [{condition}]", bad.Url, good.Url);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 6; each++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(6, good.RequestCount);
        // A response that had come whole costs no connection.
        Assert.Equal(1, bad.ConnectionCount);
        Assert.Equal(3, gateway.Snapshot.Upstreams[0].Retries!.Made(RetryReason.Status));
    }

    [Theory]
    [EveryWire]
    public async Task StatusOnEveryTry_ReachesTheClient(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", Busy);
        await using var gateway = await StartAsync(wire, "attempts: 2, on: [503]", upstream.Url);
        var response = await gateway.AskAsync(Get);
        Assert.Equal(503, response.Status);
        Assert.Equal("busy", response.Text);
        Assert.Equal(3, upstream.RequestCount);
    }

    [Theory]
    [EveryWire]
    public async Task StatusThatIsNotNamed_ReachesTheClientAtOnce(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", Busy);
        await using var gateway = await StartAsync(wire, "attempts: 2, on: [502, reset, timeout]", upstream.Url);
        Assert.Equal("busy", (await gateway.AskAsync(Get)).Text);
        Assert.Equal(1, upstream.RequestCount);
    }

    [Theory]
    [EveryWire]
    public async Task RefusedResponseThatIsNotThereYet_IsDroppedWithItsConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(Upstream("attempts: 1, on: [503]", listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await first.SendAsync("HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\nhalf");
        await using var second = await listener.AcceptAsync();
        await second.ReadHeadAsync();
        await second.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        await first.ReadToEndAsync();
    }

    [Theory]
    [EveryWire]
    public async Task SpentBudget_AllowsNoRetry(Wire wire)
    {
        await using var bad = FakeUpstream.Start();
        bad.AnswerRaw("/x", "", thenClose: true);
        await using var gateway = await StartAsync(
            wire, "attempts: 3, on: [reset], budget: 0%, budgetMinimum: 0/s", bad.Url);
        Assert.Equal(502, (await gateway.AskAsync(Get)).Status);
        Assert.Equal(1, bad.RequestCount);
        Assert.Equal(1, gateway.Snapshot.Upstreams[0].Retries!.OverBudget);
    }

    [Fact]
    public async Task AnswerThatDoesNotCome_IsAskedForAgain()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(Upstream("attempts: 1, on: [timeout]", listener.Url, "timeouts: { response: 2s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(2.1));
        await using var second = await listener.AcceptAsync();
        await second.ReadHeadAsync();
        await first.ReadToEndAsync();
        await second.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Backoff_DelaysTheSecondRetryAndEndsWithItsClient()
    {
        await using var bad = FakeUpstream.Start();
        bad.AnswerRaw("/x", "", thenClose: true);
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(Upstream("attempts: 2, on: [reset], backoff: 1s", bad.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => bad.RequestCount == 2, "the first retry, at once");
        var reply = client.ReadResponseAsync();
        await gateway.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => reply.IsCompleted, "the second retry");
        Assert.Equal(502, (await reply).Status);
        Assert.Equal(3, bad.RequestCount);
    }

    [Theory]
    [EveryWire]
    public async Task NoAttempts_ReplaceNotEvenAStaleConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(Upstream("attempts: 0", listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await first.SendAsync(Ok);
        await client.ReadResponseAsync();
        await client.SendAsync(Get);
        await first.ReadHeadAsync();
        await first.ResetAsync();
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, listener.Accepted);
    }

    private static Task<TestGateway> StartAsync(Wire wire, string retries, params string[] urls) =>
        TestGateway.StartAsync(wire, Upstream(retries, string.Join("\", \"", urls)));

    private static string Upstream(string retries, string urls, string more = "") =>
        $$"""
        upstreams:
          up:
            endpoints: [ "{{urls}}" ]
            retries: { {{retries}} }
            {{more}}
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """;
}

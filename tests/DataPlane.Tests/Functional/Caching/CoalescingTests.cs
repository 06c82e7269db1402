using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>Many ask for what one of them fetches.</summary>
public sealed class CoalescingTests
{
    private const int Clients = 20;

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [EveryWire]
    public async Task Herd_CostsOneRequest(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => WhenTold(ScriptedUpstream.Ok("Cache-Control: max-age=60")));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 60s"));
        var herd = await HerdAsync(gateway, upstream);
        _go.SetResult();
        var responses = await Task.WhenAll(herd);
        Assert.All(responses, response => Assert.Equal((200, "body"), (response.Status, response.Text)));
        Assert.Equal(1, upstream.Count);
        Assert.Equal(Clients - 1, responses.Count(each => each.Field("Cache-Status")!.Contains("collapsed")));
    }

    [Theory]
    [EveryWire]
    public async Task HerdOnAnExpiredEntry_CostsOneRequest(Wire wire)
    {
        bool isFirst = true;
        await using var gateway = TestGateway.Create(wire);
        string? expired = ScriptedUpstream.Ok("Cache-Control: max-age=0\r\nETag: \"a\"");
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => isFirst ? Task.FromResult<string?>(expired)
                : WhenTold("HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n\r\n"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 60s"));
        await AskAsync(gateway);
        isFirst = false;
        var herd = await HerdAsync(gateway, upstream, asked: 2);
        _go.SetResult();
        Assert.All(await Task.WhenAll(herd), response => Assert.Equal((200, "body"), (response.Status, response.Text)));
        Assert.Equal(2, upstream.Count);
    }

    [Theory]
    [EveryWire("Cache-Control: no-store")]
    [EveryWire("Set-Cookie: a=b\r\nCache-Control: max-age=60")]
    public async Task ResponseThatIsNotShared_LetsTheOthersGo(Wire wire, string fields)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => WhenTold(ScriptedUpstream.Ok(fields)));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 60s"));
        var herd = await HerdAsync(gateway, upstream);
        _go.SetResult();
        Assert.All(await Task.WhenAll(herd), response => Assert.Equal(200, response.Status));
        Assert.Equal(Clients, upstream.Count);
    }

    [Fact]
    public async Task FetchThatHangs_IsWaitedForSoLongOnly()
    {
        await using var gateway = new MemoryGateway();
        int count = 0;
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => Interlocked.Increment(ref count) == 1 ? WhenTold(ScriptedUpstream.Ok("X: 1"))
                : Task.FromResult<string?>(ScriptedUpstream.Ok("Cache-Control: max-age=60")));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 2s"));
        var herd = await HerdAsync(gateway, upstream);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(3));
        var others = await Task.WhenAll(herd.Skip(1));
        Assert.All(others, response => Assert.Equal(200, response.Status));
        Assert.False(herd[0].IsCompleted);
        _go.SetResult();
        Assert.Equal(200, (await herd[0]).Status);
    }

    [Theory]
    [EveryWire]
    public async Task FetchOfAClientThatLeaves_IsTakenOver(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        int count = 0;
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => Interlocked.Increment(ref count) == 1 ? WhenTold(null)
                : Task.FromResult<string?>(ScriptedUpstream.Ok("Cache-Control: max-age=60")));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 60s"));
        var leader = await gateway.ConnectAsync();
        await leader.SendAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        await Eventually.HoldsAsync(() => upstream.Count == 1, "the first request");
        var herd = Enumerable.Range(0, Clients).Select(_ => AskAsync(gateway)).ToArray();
        await Eventually.HoldsAsync(() => gateway.Open == Clients + 1, "everybody there");
        await leader.ResetAsync();
        Assert.All(await Task.WhenAll(herd), response => Assert.Equal((200, "body"), (response.Status, response.Text)));
        Assert.InRange(upstream.Count, 2, 3);
        _go.SetResult();
    }

    [Fact]
    public async Task FetchThatFails_LetsTheOthersTry()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => WhenTold(null));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "wait: 60s"));
        var herd = await HerdAsync(gateway, upstream);
        _go.SetResult();
        Assert.All(await Task.WhenAll(herd), response => Assert.Equal(502, response.Status));
    }

    private async Task<string?> WhenTold(string? answer)
    {
        await _go.Task;
        return answer;
    }

    /// <summary>Many at once, when the first of them is at the upstream and none of them anywhere else.</summary>
    private static async Task<Task<RawResponse>[]> HerdAsync(
        TestGateway gateway, ScriptedUpstream upstream, int asked = 1)
    {
        var first = AskAsync(gateway);
        await Eventually.HoldsAsync(() => upstream.Count == asked, "the first request");
        Task<RawResponse>[] herd = [first, .. Enumerable.Range(1, Clients - 1).Select(_ => AskAsync(gateway))];
        await Eventually.HoldsAsync(() => gateway.Open == Clients, "everybody there");
        await Eventually.HoldsAsync(() => gateway.Snapshot.Cache!.Waiting >= Clients - 1, "everybody waiting");
        return herd;
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway) =>
        gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
}

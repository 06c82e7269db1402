using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Hosting;

namespace DataPlane.Tests.Functional;

/// <summary><c>/config</c> of a gateway that serves, over its admin listener.</summary>
public sealed class AdminConfigTests : IAsyncLifetime
{
    private const string Start =
        """
        listeners: [ { name: public, address: "127.0.0.1:0" } ]
        admin: { address: "127.0.0.1:0" }
        accessLog: { to: off }
        transport: { loops: 1 }

        """;

    private GatewayHost _host = null!;
    private HttpClient _admin = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        var source = ConfigSource.OfText("test.yaml", Start + Mock("old"), overrides: null, ConfigEnvironment.Empty);
        var first = source.Load();
        _host = new GatewayHost(
            first.Result.Config!, first.EffectiveJson, TimeProvider.System,
            new RunOptions { Source = source, First = first });
        await _host.StartAsync();
        string[] addresses = [.. _host.BoundAddresses];
        _client = new HttpClient { BaseAddress = new Uri(addresses[0]) };
        _admin = new HttpClient { BaseAddress = new Uri(addresses[1]) };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _admin.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Put_WithTheTagOfGet_ChangesWhatServes_AndTheTag()
    {
        string tag = await TagAsync();
        using var answer = await PutAsync(Start + Mock("new"), tag);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("new", await _client.GetStringAsync("/a"));
        Assert.Equal(await TagAsync(), answer.Headers.ETag!.Tag);
        Assert.NotEqual(tag, answer.Headers.ETag.Tag);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("in_force", body.RootElement.GetProperty("generation").GetProperty("state").GetString());
        using var stale = await PutAsync(Start + Mock("late"), tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Equal("new", await _client.GetStringAsync("/a"));
    }

    [Fact]
    public async Task Put_OfJson_Works()
    {
        string json = EffectiveConfig.Write(ConfigLoader.Parse(Start + Mock("json"), "a.yaml").Root);
        using var answer = await PutAsync(json, "*");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("json", await _client.GetStringAsync("/a"));
    }

    [Fact]
    public async Task Put_WithoutIfMatch_Is428()
    {
        using var answer = await PutAsync(Start, tag: null);
        Assert.Equal(HttpStatusCode.PreconditionRequired, answer.StatusCode);
    }

    [Fact]
    public async Task Put_WithAWeakTag_Is412()
    {
        using var answer = await PutAsync(Start, "W/" + await TagAsync());
        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
    }

    [Fact]
    public async Task Put_WithErrors_ListsAll_KeepsServing_AndShowsInGet()
    {
        string tag = await TagAsync();
        using var answer = await PutAsync("routse: []\nlimits: { connections: x }", tag);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var errors = problem.RootElement.GetProperty("errors");
        Assert.Equal(
            ["request-body:1:routse", "request-body:2:limits.connections"],
            errors.EnumerateArray().Select(each =>
                $"{each.GetProperty("file")}:{each.GetProperty("line")}:{each.GetProperty("path")}"));
        Assert.Equal("old", await _client.GetStringAsync("/a"));
        using var config = JsonDocument.Parse(await _admin.GetStringAsync("/config"));
        var last = config.RootElement.GetProperty("lastReload");
        Assert.Equal("request", last.GetProperty("trigger").GetString());
        Assert.Equal(2, last.GetProperty("errors").GetArrayLength());
        Assert.Contains("dataplane_config_last_reload_success 0\n", await _admin.GetStringAsync("/metrics"));
        // The refusal shows in the tag of what is read, and does not make a version that one could have missed.
        Assert.NotEqual(tag, await TagAsync());
        using var mended = await PutAsync(Start + Mock("new"), tag);
        Assert.Equal(HttpStatusCode.OK, mended.StatusCode);
        Assert.DoesNotContain("lastReload", await _admin.GetStringAsync("/config"));
    }

    [Fact]
    public async Task Put_OfAWholeTagAfterARefusal_Works()
    {
        using var refused = await PutAsync("routse: []", "*");
        using var answer = await PutAsync(Start + Mock("new"), await TagAsync());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Put_ThatIsTooLarge_Is413()
    {
        using var answer = await PutAsync(Start + new string('#', 17 * 1024 * 1024), "*");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Put_OfAnotherToken_AsksForItFromThenOn()
    {
        string config = Start.Replace("\"127.0.0.1:0\" }\naccessLog", "\"127.0.0.1:0\", token: t0ken }\naccessLog");
        using var answer = await PutAsync(config, "*");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _admin.GetAsync("/config")).StatusCode);
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "t0ken");
        Assert.Contains("\"***\"", await _admin.GetStringAsync("/config"));
    }

    [Fact]
    public async Task Rollout_ShowsInGenerationsAndMetrics()
    {
        string tag = await TagAsync();
        using var answer = await PutAsync(
            Start + "rollout: { steps: [40%, 100%], interval: 1h }\n" + Mock("new"), tag);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var list = JsonDocument.Parse(await _admin.GetStringAsync("/config/generations"));
        Assert.Equal(
            ["2 rolling_out 0.4", "1 in_force 1"],
            list.RootElement.EnumerateArray().Select(each =>
                $"{each.GetProperty("generation")} {each.GetProperty("state")} {each.GetProperty("share")}"));
        string metrics = await _admin.GetStringAsync("/metrics");
        Assert.Contains("dataplane_config_rollout_share_ratio 0.4\n", metrics);
        Assert.Contains("dataplane_config_generation 1\n", metrics);
        // Who wrote for what was in force did not know of what is coming.
        using var stale = await PutAsync(Start, tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
    }

    [Fact]
    public async Task Methods_AreTold()
    {
        using var answer = await _admin.PostAsync("/config", content: null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD", "PUT"], answer.Content.Headers.Allow);
    }

    private static string Mock(string body) =>
        $$"""routes: [ { match: { path: /a }, to: { mock: { body: {{body}} } } } ]""";

    private async Task<string> TagAsync()
    {
        using var answer = await _admin.GetAsync("/config");
        return answer.Headers.ETag!.Tag;
    }

    private Task<HttpResponseMessage> PutAsync(string config, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/config")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(config)),
        };
        // A client that has begun to send what is too large is cut off, and may not see the answer.
        request.Headers.ExpectContinue = config.Length > 1024 * 1024;
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
        return _admin.SendAsync(request);
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DataPlane.Admin;

namespace DataPlane.Tests.Admin;

public sealed class AdminEndpointsTests : IAsyncLifetime
{
    private readonly FakeAdminSource _source = new();
    private AdminServer _server = null!;

    public async Task InitializeAsync() => _server = await AdminServer.StartAsync(_source, new AdminOptions());

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("/healthz", "ok\n")]
    [InlineData("/readyz", "ready\n")]
    public async Task Probe_AnswersPlainly(string path, string expected)
    {
        Assert.Equal(expected, await _server.Client.GetStringAsync(path));
    }

    [Fact]
    public async Task NotReady_Is503WithTheReasonWhileHealthStays()
    {
        _source.Unready = "draining";
        using var response = await _server.Client.GetAsync("/readyz");
        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "draining");
        Assert.Equal("ok\n", await _server.Client.GetStringAsync("/healthz"));
    }

    [Fact]
    public async Task Metrics_AreTextUnlessOpenMetricsIsAccepted()
    {
        using var text = await _server.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", text.Content.Headers.ContentType!.ToString());
        string page = await text.Content.ReadAsStringAsync();
        Assert.Contains("\nprocess_cpu_seconds_total ", page, StringComparison.Ordinal);
        Assert.Equal("no-store", text.Headers.CacheControl!.ToString());

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text, text/plain;q=0.5");
        using var open = await _server.Client.SendAsync(request);
        Assert.Equal(
            "application/openmetrics-text; version=1.0.0; charset=utf-8", open.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("\n# EOF\n", await open.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_HasATagThatAnswers304UntilItChanges()
    {
        using var first = await _server.Client.GetAsync("/config");
        Assert.Equal("{\"version\":\"v1\"}", await first.Content.ReadAsStringAsync());
        var tag = first.Headers.ETag!;
        using var second = await GetIfNoneMatchAsync(tag);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(tag, second.Headers.ETag);
        Assert.Empty(await second.Content.ReadAsStringAsync());
        _source.ConfigVersion = "v2";
        using var third = await GetIfNoneMatchAsync(tag);
        Assert.Equal("{\"version\":\"v2\"}", await third.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Routes_AreJson()
    {
        using var routes = JsonDocument.Parse(await _server.Client.GetStringAsync("/routes"));
        var route = Assert.Single(routes.RootElement.EnumerateArray());
        Assert.Equal("get-user", route.GetProperty("id").GetString());
        Assert.Equal("GET", route.GetProperty("methods")[0].GetString());
    }

    [Fact]
    public async Task Upstreams_AreJsonWithTheirEndpoints()
    {
        using var upstreams = JsonDocument.Parse(await _server.Client.GetStringAsync("/upstreams"));
        var endpoint = upstreams.RootElement[0].GetProperty("endpoints")[0];
        Assert.Equal("http://127.0.0.1:9001", endpoint.GetProperty("url").GetString());
        Assert.True(endpoint.GetProperty("healthy").GetBoolean());
        Assert.Equal(2, endpoint.GetProperty("idle").GetInt32());
    }

    [Fact]
    public async Task Drain_BeginsOnPostOnly()
    {
        using var refused = await _server.Client.GetAsync("/drain");
        await AssertProblemAsync(refused, HttpStatusCode.MethodNotAllowed, "POST");
        Assert.Equal(["POST"], refused.Content.Headers.Allow);
        Assert.Equal(0, _source.Drains);
        using var accepted = await _server.Client.PostAsync("/drain", content: null);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal(1, _source.Drains);
    }

    [Theory]
    [InlineData("DELETE", "/config")]
    [InlineData("POST", "/healthz")]
    [InlineData("PUT", "/metrics")]
    public async Task WrongMethod_Is405WithAllow(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _server.Client.SendAsync(request);
        await AssertProblemAsync(response, HttpStatusCode.MethodNotAllowed, "GET, HEAD");
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/metrics/")]
    [InlineData("/Metrics")]
    [InlineData("/nothing")]
    public async Task UnknownPath_Is404(string path)
    {
        using var response = await _server.Client.GetAsync(path);
        await AssertProblemAsync(response, HttpStatusCode.NotFound, "GET /");
    }

    [Fact]
    public async Task Head_HasNoBody()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/metrics");
        using var response = await _server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Index_NamesEveryPath()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept", "text/plain");
        using var response = await _server.Client.SendAsync(request);
        string index = await response.Content.ReadAsStringAsync();
        string[] paths =
        [
            "/healthz", "/readyz", "/metrics", "/config", "/routes", "/upstreams", "/connections", "/errors", "/drain",
        ];
        Assert.All(paths, path => Assert.Contains($" {path} ", index, StringComparison.Ordinal));
    }

    [Fact]
    public async Task StatusPage_RunsItsOwnScriptAndNothingElse()
    {
        using var response = await _server.Client.GetAsync("/");
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        string page = await response.Content.ReadAsStringAsync();
        // Nothing from elsewhere, no handler or style in an attribute, which the policy would block.
        Assert.DoesNotMatch("(src|href)=\"(?!data:)|://| on[a-z]+=| style=\"|innerHTML", page);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string detail)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("title").GetString()!);
        Assert.Contains(detail, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> GetIfNoneMatchAsync(EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/config");
        request.Headers.IfNoneMatch.Add(tag);
        return await _server.Client.SendAsync(request);
    }
}

using System.Net;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

public sealed class ConnectionsEndpointTests
{
    [Theory]
    [SocketWire]
    public async Task OpenConnections_AreToldApartByWhatTheyDo(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        await using var idle = await gateway.ConnectAsync();
        await idle.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        await idle.ReadResponseAsync();
        await using var reading = await gateway.ConnectAsync();
        await reading.SendAsync("GET /half HTTP/1.1\r\n");
        await using var busy = await gateway.ConnectAsync();
        await busy.SendAsync("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await Eventually.HoldsAsync(
            async () => (await StatesAsync(admin)).SequenceEqual(["active", "idle", "reading"]), "one of each state");
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/connections"));
        Assert.Equal(3, page.RootElement.GetProperty("total").GetInt32());
        var rows = page.RootElement.GetProperty("connections").EnumerateArray().ToList();
        var active = rows.Single(row => row.GetProperty("state").GetString() == "active");
        Assert.Equal("public", active.GetProperty("listener").GetString());
        Assert.Equal("127.0.0.1", active.GetProperty("client").GetString());
        Assert.Equal("PUT", active.GetProperty("method").GetString());
        Assert.Equal("all", active.GetProperty("route").GetString());
        Assert.InRange(active.GetProperty("elapsedSeconds").GetDouble(), 0, 60);
        Assert.InRange(active.GetProperty("ageSeconds").GetDouble(), 0, 60);
        var served = rows.Single(row => row.GetProperty("state").GetString() == "idle");
        Assert.Equal(1, served.GetProperty("requests").GetInt32());
        Assert.Equal((1, 0), (active.GetProperty("streams").GetInt32(), served.GetProperty("streams").GetInt32()));
        long idleBytes = served.GetProperty("memoryBytes").GetInt64();
        Assert.InRange(active.GetProperty("memoryBytes").GetInt64(), idleBytes + 2048, idleBytes + 64 * 1024);
        Assert.Equal(JsonValueKind.Null, served.GetProperty("method").ValueKind);
        await upstream.SendAsync("HTTP/1.1 204 No\r\n\r\n");
        Assert.Equal(204, (await busy.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task Pages_HaveEveryConnectionOnce(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync("routes: []");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        for (int each = 0; each < 9; each++)
        {
            var client = await gateway.ConnectAsync();
            for (int request = 0; request <= each; request++)
            {
                await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                await client.ReadResponseAsync();
            }
        }
        var served = new List<int>();
        for (int offset = 0; offset < 12; offset += 4)
        {
            using var page = JsonDocument.Parse(await admin.GetStringAsync($"/connections?offset={offset}&limit=4"));
            served.AddRange(page.RootElement.GetProperty("connections").EnumerateArray()
                .Select(row => row.GetProperty("requests").GetInt32()));
        }
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], served.Order());
    }

    [Theory]
    [SocketWire]
    public async Task FailedExchanges_AreListedYoungestFirstAndGoodOnesNot(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        await gateway.AskAsync("GET /first?secret=1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\n\r\n");
        await gateway.AskAsync("nonsense\r\n\r\n");
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/errors"));
        var errors = page.RootElement.EnumerateArray().ToList();
        Assert.Equal(
            ["bad_request", "upstream_connect_failed"], errors.Select(row => row.GetProperty("outcome").GetString()));
        Assert.Equal("/first", errors[1].GetProperty("path").GetString());
        Assert.Equal("r-1", errors[1].GetProperty("requestId").GetString());
        Assert.Equal("upstream", errors[1].GetProperty("side").GetString());
        Assert.Equal(503, errors[1].GetProperty("status").GetInt32());
        var age = DateTimeOffset.UtcNow - errors[1].GetProperty("time").GetDateTimeOffset();
        Assert.InRange(age, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [SocketWire]
    public async Task ManyFailures_KeepOnlyTheLast(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync("routes: []");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 100; each++)
        {
            await client.SendAsync($"GET /{each} HTTP/1.1\r\nHost: a\r\n\r\n");
            await client.ReadResponseAsync();
        }
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/errors?limit=1000"));
        var paths = page.RootElement.EnumerateArray().Select(row => row.GetProperty("path").GetString()).ToList();
        Assert.Equal(Enumerable.Range(36, 64).Reverse().Select(each => $"/{each}"), paths);
    }

    [Theory]
    [InlineData("/connections?limit=0")]
    [InlineData("/connections?limit=1001")]
    [InlineData("/connections?offset=-1")]
    [InlineData("/errors?limit=many")]
    public async Task PageThatCannotBe_Is400(string path)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync("routes: []");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var response = await admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("limit 1 to 1000", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> StatesAsync(HttpClient admin)
    {
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/connections"));
        return
        [
            .. page.RootElement.GetProperty("connections").EnumerateArray()
                .Select(row => row.GetProperty("state").GetString()!).Order(StringComparer.Ordinal),
        ];
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>Listeners that come and go with configurations, on both transports.</summary>
public sealed class ListenersInForceTests
{
    [LinuxTheory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task ListenerThatComes_ServesAndOneThatGoesEnds(string transport)
    {
        await using var gateway = await Gateway.StartAsync(transport);
        int second = FreePort();
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port), ("second", second)));
        await using var kept = await Client.ConnectAsync(second);
        Assert.Contains("keep-alive or nothing", await kept.AskAsync(), StringComparison.Ordinal);
        await using var idle = await Client.ConnectAsync(second);
        Assert.DoesNotContain("Connection: close", await idle.AskAsync(), StringComparison.Ordinal);
        string page = await gateway.PageAsync();
        Assert.Contains("dataplane_connections{listener=\"second\",state=\"idle\"} 2", page, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port)));
        await Eventually.HoldsAsync(() => IsRefusedAsync(second), "the listener to be closed");
        // What was open has a moment for a request that may be on its way, and ends after it.
        Assert.True(await kept.IsEndedAsync());
        Assert.True(await idle.IsEndedAsync());
        await using var other = await Client.ConnectAsync(gateway.Port);
        Assert.DoesNotContain("Connection: close", await other.AskAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("dataplane_connections{listener=\"second\"", await gateway.PageAsync());
    }

    [LinuxTheory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task TakenPort_RefusesTheConfigurationWithTheListenersName(string transport)
    {
        await using var gateway = await Gateway.StartAsync(transport);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        int free = FreePort();
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            await gateway.PutAsync(("public", gateway.Port), ("fine", free), ("late", port)));
        Assert.Contains(
            $"listener late cannot listen on 127.0.0.1:{port}: the address is in use", gateway.LastAnswer,
            StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => IsRefusedAsync(free), "the other new one to be closed again");
        await using var client = await Client.ConnectAsync(gateway.Port);
        await client.AskAsync();
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port), ("fine", free)));
    }

    [LinuxFact]
    public async Task AnotherAddressUnderTheSameName_GoesOnWithItsCounters()
    {
        await using var gateway = await Gateway.StartAsync("epoll");
        await using (var client = await Client.ConnectAsync(gateway.Port)) await client.AskAsync();
        int moved = FreePort();
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", moved)));
        await using (var client = await Client.ConnectAsync(moved)) await client.AskAsync();
        await Eventually.HoldsAsync(() => IsRefusedAsync(gateway.Port), "the old address to be closed");
        string[] lines = (await gateway.PageAsync()).Split('\n');
        string series = "dataplane_http_requests_total{listener=\"public\",route=\"all\",method=\"GET\",";
        Assert.EndsWith(" 2", Assert.Single(lines, each => each.StartsWith(series, StringComparison.Ordinal)));
        Assert.Equal(lines.Length, lines.Distinct().Count() + lines.Count(each => each.Length == 0) - 1);
    }

    [LinuxFact]
    public async Task ListenerOfARollout_TakesNobodyUntilItIsInForce()
    {
        await using var gateway = await Gateway.StartAsync("epoll");
        int second = FreePort();
        gateway.More = "rollout: { steps: [50%, 100%], interval: 1s }";
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port), ("second", second)));
        await using var waiting = await Client.ConnectAsync(second);
        var answer = waiting.AskAsync();
        Assert.DoesNotContain("listener=\"second\"", await gateway.PageAsync());
        await answer;
        Assert.Contains("dataplane_config_generation 2", await gateway.PageAsync());
        gateway.More = "rollout: { steps: [1%, 100%], interval: 1h }";
        int third = FreePort();
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port), ("third", third)));
        await using var left = await Client.ConnectAsync(third);
        gateway.More = "";
        Assert.Equal(HttpStatusCode.OK, await gateway.PutAsync(("public", gateway.Port)));
        Assert.True(await left.IsEndedAsync());
        Assert.True(await IsRefusedAsync(third));
    }

    [LinuxFact]
    public async Task OtherSettingsOnTheSameAddress_NeedARestart()
    {
        await using var gateway = await Gateway.StartAsync("epoll");
        gateway.ListenerMore = ", maxRequests: 5";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await gateway.PutAsync(("public", gateway.Port)));
        Assert.Contains(
            "listener public cannot change on the same address", gateway.LastAnswer, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private sealed class Client(TcpClient tcp) : IAsyncDisposable
    {
        public static async Task<Client> ConnectAsync(int port)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, port);
            return new Client(tcp);
        }

        public async Task<string> AskAsync()
        {
            await tcp.GetStream().WriteAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            var answer = new StringBuilder();
            byte[] bytes = new byte[1024];
            while (!answer.ToString().EndsWith("keep-alive or nothing", StringComparison.Ordinal))
            {
                int read = await tcp.GetStream().ReadAsync(bytes).AsTask().WaitAsync(Eventually.Patience);
                Assert.NotEqual(0, read);
                answer.Append(Encoding.ASCII.GetString(bytes, 0, read));
            }
            return answer.ToString();
        }

        public async Task<bool> IsEndedAsync()
        {
            try
            {
                return await tcp.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Eventually.Patience) == 0;
            }
            catch (IOException)
            {
                return true;
            }
        }

        public ValueTask DisposeAsync()
        {
            tcp.Dispose();
            return default;
        }
    }

    private sealed class Gateway(GatewayHost host, HttpClient admin, string transport, int port) : IAsyncDisposable
    {
        public int Port => port;

        public string More { get; set; } = "";

        public string ListenerMore { get; set; } = "";

        public string LastAnswer { get; private set; } = "";

        public static async Task<Gateway> StartAsync(string transport)
        {
            int port = FreePort();
            var source = ConfigSource.OfText(
                "test.yaml", Text(transport, "", "", ("public", port)), overrides: null, ConfigEnvironment.Empty);
            var first = source.Load();
            var host = new GatewayHost(
                first.Result.Config!, first.EffectiveJson.Value, TimeProvider.System,
                new RunOptions { Source = source, First = first });
            await host.StartAsync();
            var admin = new HttpClient { BaseAddress = new Uri(host.BoundAddresses.Last()) };
            return new Gateway(host, admin, transport, port);
        }

        public async Task<HttpStatusCode> PutAsync(params (string Name, int Port)[] listeners)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/config")
            {
                Content = new StringContent(Text(transport, More, ListenerMore, listeners)),
            };
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            using var answer = await admin.SendAsync(request);
            LastAnswer = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode;
        }

        public Task<string> PageAsync() => admin.GetStringAsync("/metrics");

        public async ValueTask DisposeAsync()
        {
            admin.Dispose();
            await host.StopAsync();
            await host.DisposeAsync();
        }

        private static string Text(
            string transport, string more, string listenerMore, params (string Name, int Port)[] listeners) =>
            $$"""
            listeners: [ {{string.Join(", ", listeners.Select(each =>
                $"{{ name: {each.Name}, address: \"127.0.0.1:{each.Port}\"{listenerMore} }}"))}} ]
            admin: { address: "127.0.0.1:0" }
            accessLog: { to: off }
            log: { level: error }
            transport: { kind: {{transport}}, loops: 1 }
            limits: { drainGrace: 0s }
            {{more}}
            routes: [ { id: all, match: { path: "/{p+}" }, to: { mock: { body: keep-alive or nothing } } } ]
            """;
    }
}

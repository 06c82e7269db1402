using System.Globalization;
using DataPlane.Config;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>The gateway as the process runs it, with one mock and an access log, and plain clients of it.</summary>
internal sealed class LoggedGateway : IAsyncDisposable
{
    private const int Clients = 4;

    private readonly GatewayHost _host;
    private readonly IDisposable _signals;
    private readonly Task _run;
    private readonly HttpClient _client = new() { Timeout = Eventually.Patience };

    private LoggedGateway(GatewayHost host)
    {
        _host = host;
        _signals = host.ObeySignals();
        _run = host.RunUntilStoppedAsync();
    }

    /// <summary>Starts with <paramref name="accessLog"/> as the section of that name.</summary>
    public static async Task<LoggedGateway> StartAsync(string accessLog)
    {
        var result = ConfigLoader.Parse(
            $$"""
            listeners: [ { name: public, address: "127.0.0.1:0" } ]
            admin: { address: "127.0.0.1:0" }
            transport: { loops: 1 }
            accessLog: {{accessLog}}
            log: { level: error }
            limits: { drainGrace: 0s }
            routes: [ { id: mock, match: { path: "/{path+}" }, to: { mock: { body: mocked } } } ]
            """,
            "logged.yaml");
        Assert.Empty(result.Errors);
        var host = new GatewayHost(result.Config!, EffectiveConfig.Write(result.Root), TimeProvider.System);
        await host.StartAsync();
        return new LoggedGateway(host);
    }

    /// <summary>
    /// So many requests by a few clients at once, numbered in their paths. Each must be answered, and soon.
    /// </summary>
    public async Task AskAsync(int requests, int first = 0)
    {
        string url = _host.BoundAddresses.First();
        int next = first;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next) - 1) < first + requests;)
                Assert.Equal("mocked", await _client.GetStringAsync($"{url}/{number}?{new string('q', 200)}"));
        }));
    }

    /// <summary>The value of a series of the admin listener's page.</summary>
    public async Task<long> ReadAsync(string series)
    {
        string page = await _client.GetStringAsync($"{_host.BoundAddresses.Last()}/metrics");
        string line = page.Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }

    public Task<long> LostAsync(string reason) =>
        ReadAsync($"dataplane_access_log_dropped_lines_total{{reason=\"{reason}\"}}");

    public async ValueTask DisposeAsync()
    {
        await _client.PostAsync(new Uri($"{_host.BoundAddresses.Last()}/drain"), content: null);
        _client.Dispose();
        await _run.WaitAsync(Eventually.Patience);
        _signals.Dispose();
        await _host.DisposeAsync();
    }
}

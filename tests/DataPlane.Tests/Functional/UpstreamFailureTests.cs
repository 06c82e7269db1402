using System.Globalization;
using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>
/// Endpoints that die, hang or break off under load: what can be saved is, what is lost has its outcome.
/// </summary>
public sealed class UpstreamFailureTests
{
    private const int Clients = 8;
    private const int RequestsPerClient = 60;

    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task EndpointKilledAndRestored_LosesNoRequest(Wire wire)
    {
        await using var steady = FakeUpstream.Start(records: false);
        var mortal = FakeUpstream.Start(records: false);
        int port = mortal.Port;
        await using var gateway = await TestGateway.StartAsync(
            wire, With("attempts: 2, on: [connectFailure, reset]", steady.Url, mortal.Url));
        int served = 0;
        var load = LoadAsync(gateway, () => Interlocked.Increment(ref served));
        await Eventually.HoldsAsync(() => served > Clients * RequestsPerClient / 4, "a quarter is served");
        await mortal.DisposeAsync();
        await Eventually.HoldsAsync(() => served > Clients * RequestsPerClient / 2, "half is served");
        await using var reborn = FakeUpstream.Start(port, records: false);
        var statuses = await load;
        Assert.Equal(Clients * RequestsPerClient, statuses.Count);
        Assert.All(statuses, status => Assert.Equal(200, status));
    }

    [Theory]
    [SocketWire]
    public async Task EndpointThatHangs_CostsTimeAndNoRequest(Wire wire)
    {
        await using var good = FakeUpstream.Start(records: false);
        await using var gateway = TestGateway.Create(wire);
        var hanging = gateway.Listen();
        await gateway.StartAsync(With(
            "attempts: 1, on: [timeout], budget: 100%, budgetMinimum: 1000/s", good.Url, hanging.Url,
            "timeouts: { response: 200ms }"));
        await using var client = await gateway.ConnectAsync();
        var accepting = AcceptAllAsync(hanging);
        for (int each = 0; each < 6; each++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(3, gateway.Snapshot.Upstreams[0].Retries!.Made(RetryReason.Timeout));
        Assert.Equal(3, hanging.Accepted);
        await hanging.DisposeAsync();
        foreach (var peer in await accepting) await peer.DisposeAsync();
    }

    [Theory]
    [SocketWire]
    public async Task LostRequests_HaveTheirOutcomeInTheMetrics(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", thenClose: true);
        upstream.AnswerRaw("/closed", "", thenClose: true);
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(With("attempts: 1, on: [connectFailure]", upstream.Url, "http://127.0.0.1:1"));
        for (int each = 0; each < 2; each++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync(Get);
            Assert.DoesNotContain("502", await client.ReadToEndAsync());
        }
        Assert.Equal(502, (await gateway.AskAsync(Get.Replace("/x", "/closed", StringComparison.Ordinal))).Status);
        using var http = new HttpClient();
        string page = await http.GetStringAsync(new Uri(gateway.AdminAddress, "/metrics"));
        Assert.Equal(2, Value(page, "dataplane_upstream_requests_total", "outcome=\"upstream_truncated\""));
        Assert.Equal(1, Value(page, "dataplane_upstream_requests_total", "outcome=\"upstream_closed\""));
        Assert.InRange(Value(page, "dataplane_upstream_retries_total", "reason=\"connect_failure\""), 1, 3);
        Assert.Equal(0, Value(page, "dataplane_upstream_pending_requests", "upstream=\"up\""));
    }

    [Theory]
    [SocketWire]
    public async Task SlowReaderOfALargeBody_IsNotTheUpstreamsFault(Wire wire)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await TestGateway.StartAsync(wire, With(
            "attempts: 1", upstream.Url, "http://127.0.0.1:1",
            "timeouts: { idle: 150ms }"));
        await using var client = await gateway.ConnectAsync();
        const int bytes = 12_000_000;
        await client.SendAsync($"GET /bytes/{bytes} HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadHeadAsync();
        // Time is what is tested here: several times the idle time without a byte taken.
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(bytes, (await client.ReadExactlyAsync(bytes)).Length);
    }

    private static async Task<List<int>> LoadAsync(TestGateway gateway, Action served)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            await using var client = await gateway.ConnectAsync();
            var own = new List<int>();
            for (int each = 0; each < RequestsPerClient; each++)
            {
                await client.SendAsync(Get);
                own.Add((await client.ReadResponseAsync()).Status);
                served();
            }
            return own;
        }));
        return [.. statuses.SelectMany(each => each)];
    }

    /// <summary>Until the listener goes.</summary>
    private static async Task<List<RawPeer>> AcceptAllAsync(PeerListener listener)
    {
        var peers = new List<RawPeer>();
        try
        {
            while (true) peers.Add(await listener.AcceptAsync());
        }
        catch (Exception end) when (end is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            return peers;
        }
    }

    private static double Value(string page, string name, string label) => page.Split('\n')
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static string With(string retries, string first, string second, string more = "") =>
        $$"""
        upstreams:
          up:
            endpoints: [ "{{first}}", "{{second}}" ]
            retries: { {{retries}} }
            {{more}}
        routes: [ { match: { path: "/{rest+}" }, to: { upstream: up } } ]
        """;
}

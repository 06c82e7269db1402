using System.Net;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Queue;

/// <summary>A gateway that is killed while events wait and run.</summary>
public sealed class QueueCrashTests
{
    private const string Code =
        """
        import { appendFileSync } from 'node:fs';
        export const handler = async (event) => {
          await new Promise((r) => setTimeout(r, 20));
          appendFileSync(process.env.SEEN, JSON.stringify({ event }) + '\n');
        };
        """;

    [LinuxFact]
    public async Task KilledGateway_LosesNoEventItAccepted()
    {
        await using var place = new QueuePlace(Code);
        int port = GatewayProcess.FreePort();
        await File.WriteAllTextAsync(place.File("gateway.yaml"), Whole(place, port));
        var accepted = new HashSet<string>(StringComparer.Ordinal);
        for (int life = 0; life < 2; life++)
        {
            await using var gateway = GatewayProcess.Start($"run --config '{place.File("gateway.yaml")}'");
            await gateway.SaysAsync("admin on");
            using var http = new HttpClient { Timeout = Eventually.Patience };
            using var ready = new SemaphoreSlim(0);
            var senders = Enumerable.Range(0, 4)
                .Select(sender => SendAsync(http, port, $"{life}-{sender}", accepted, ready)).ToArray();
            // Some are accepted, few of them can have run.
            for (int each = 0; each < 60; each++) Assert.True(await ready.WaitAsync(Eventually.Patience));
            await gateway.SignalAsync("KILL");
            await Task.WhenAll(senders);
        }
        await using var last = GatewayProcess.Start($"run --config '{place.File("gateway.yaml")}'");
        await Eventually.HoldsAsync(
            () =>
            {
                var seen = place.Seen().Select(each => each.GetProperty("event").GetString()!).ToHashSet(
                    StringComparer.Ordinal);
                return accepted.IsSubsetOf(seen);
            },
            $"all of {accepted.Count} events");
        Assert.True(accepted.Count >= 120, $"{accepted.Count} accepted");
    }

    private static async Task SendAsync(
        HttpClient http, int port, string name, HashSet<string> accepted, SemaphoreSlim ready)
    {
        for (int number = 0; ; number++)
        {
            try
            {
                using var body = new StringContent($"\"{name}-{number}\"");
                using var answer = await http.PostAsync($"http://127.0.0.1:{port}/e", body);
                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                lock (accepted) accepted.Add($"{name}-{number}");
                ready.Release();
            }
            catch (HttpRequestException)
            {
                // Killed: this one may be there or not.
                return;
            }
        }
    }

    private static string Whole(QueuePlace place, int port) =>
        $$"""
        listeners: [ { name: public, address: "127.0.0.1:{{port}}" } ]
        admin: { address: "127.0.0.1:{{GatewayProcess.FreePort()}}" }
        accessLog: { to: off }
        {{place.Yaml(more: "concurrency: { maximum: 2 }")}}
        """;
}

using System.Net.Sockets;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Vectors;
using DataPlane.Tests.Http;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// The running gateway between mutated clients and a strict upstream, and between mutated upstreams and a strict
/// client: nothing malformed passes in either direction, nothing stays, nothing is logged.
/// </summary>
public sealed class GatewayFuzzTests
{
    [Theory]
    [EveryWire]
    public async Task MutatedRequests_ReachTheUpstreamCleanOrNotAtAll(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using (var gateway = await TestGateway.ProxyAsync(wire, upstream.Url))
        {
            await FuzzRun.CheckAsync(FuzzSeeds.Requests, Mutation.Http, async (bytes, random) =>
            {
                await using var client = await gateway.ConnectAsync();
                string all = await TalkAsync(client, bytes, random.Next(bytes.Length + 1));
                // Answers to HEAD have no body where a length says so: only what is left can be judged.
                if (!Latin1.Text(bytes).Contains("HEAD", StringComparison.Ordinal))
                    Assert.True(StrictResponses.Statuses(all) is not null, all);
                Assert.Empty(upstream.Violations);
            });
        }
        Assert.NotEmpty(upstream.Requests);
    }

    [Theory]
    [EveryWire]
    public async Task MutatedResponses_ReachTheClientCleanOrNotAtAll(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        int whole = 0;
        await FuzzRun.CheckAsync(FuzzSeeds.Responses, Mutation.Http, async (bytes, random) =>
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            await using var upstream = await listener.AcceptAsync();
            await upstream.ReadHeadAsync();
            string all = "";
            var reading = client.ReadToEndAsync();
            await TalkAsync(upstream, bytes, random.Next(bytes.Length + 1));
            await upstream.DisposeAsync();
            all = await reading;
            if (client.WasReset) return;
            Assert.True(StrictResponses.AreWhole(all), all);
            whole++;
        });
        Assert.NotEqual(0, whole);
    }

    /// <summary>In two pieces, then FIN; the answer to the end, however it comes.</summary>
    private static async Task<string> TalkAsync(RawPeer peer, byte[] bytes, int split)
    {
        try
        {
            await peer.SendAsync(bytes.AsMemory(0, split));
            await peer.SendAsync(bytes.AsMemory(split));
            await peer.HalfCloseAsync();
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            // Refused and closed while the rest was still being sent.
        }
        return await peer.ReadToEndAsync();
    }
}

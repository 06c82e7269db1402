using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>
/// The objects of a connection that has ended may be the next one's: whatever way it ended, the next client finds
/// nothing of it.
/// </summary>
public sealed class ConnectionReuseTests
{
    private const string Get = "GET /item HTTP/1.1\r\nHost: a\r\n\r\n";
    private const int Rounds = 20;

    [Theory]
    [EveryWire("")]
    [EveryWire(Get)]
    [EveryWire("GET /item HT")]
    [EveryWire("POST /item HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf a body")]
    [EveryWire("POST /item HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")]
    [EveryWire(Get + Get + Get + "GET")]
    [EveryWire("GET /item HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [EveryWire("GET / HTTP/9.9\r\n\r\nand more that nobody reads")]
    public async Task ClientThatLeaves_LeavesNothingToTheNext(Wire wire, string sent)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        for (int round = 0; round < Rounds; round++)
        {
            var leaving = await gateway.ConnectAsync();
            await leaving.SendAsync(sent);
            if (round % 4 == 1) await leaving.ResetAsync();
            else if (round % 4 == 2) await leaving.HalfCloseAsync();
            else if (round % 4 == 3 && IsWhole(sent)) await leaving.ReadResponseAsync();
            await leaving.DisposeAsync();
            await using var client = await gateway.ConnectAsync();
            for (int request = 0; request < 2; request++)
            {
                string target = $"/item-{round}-{request}";
                await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
                var response = await client.ReadResponseAsync();
                Assert.Equal(200, response.Status);
                Assert.Contains($"\"{target}\"", response.Text);
            }
        }
        await Eventually.HoldsAsync(() => gateway.Open == 0, "all connections to be over");
        await Eventually.HoldsAsync(async () => await gateway.SlabsAsync() == 0, "all buffers to be back");
    }

    private static bool IsWhole(string sent) => sent.StartsWith(Get, StringComparison.Ordinal);
}

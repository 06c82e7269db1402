using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>
/// Bytes without sense, and with a little, at the port: nothing breaks, nothing stays, nothing grows.
/// </summary>
public sealed class NoiseTests
{
    private const int Connections = 600;

    private static readonly string[] s_pieces =
    [
        "GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "HEAD /mock HTTP/1.0\r\n", "Host: a\r\n",
        "Content-Length: 5\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n", "Expect: 100-continue\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        "X-Request-Id: \u00ff\r\n", "X: " + new string('y', 9000) + "\r\n",
        "\r\n", "\r\n\r\n", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n",
        "GET", " ", ":", "\n", "\r", "\0",
        "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n", "GET /chunked/70000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /drop HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];

    [Theory]
    [EveryWire]
    public async Task RandomBytes_LeaveNothing(Wire wire)
    {
        var random = new Random(20_260_729);
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        long before = Process.GetCurrentProcess().WorkingSet64;
        var crowd = new List<Task>();
        for (int each = 0; each < Connections; each++)
        {
            var client = await gateway.ConnectAsync();
            crowd.Add(TalkAsync(client, Sentence(random), random.Next(4)));
            if (crowd.Count < 30) continue;
            await Task.WhenAll(crowd);
            crowd.Clear();
        }
        await Task.WhenAll(crowd);
        await Eventually.HoldsAsync(() => gateway.Open == 0, "every connection to end");
        Assert.Equal("mocked", (await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Process.GetCurrentProcess().Refresh();
        // Tests beside this one have their share; a leak of a slab per connection would be as much.
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, 300L << 20);
    }

    private static byte[][] Sentence(Random random)
    {
        var parts = new byte[random.Next(1, 12)][];
        for (int each = 0; each < parts.Length; each++)
        {
            parts[each] = random.Next(5) > 0
                ? Encoding.Latin1.GetBytes(s_pieces[random.Next(s_pieces.Length)])
                : new byte[random.Next(1, 200)];
            if (parts[each][0] == 0) random.NextBytes(parts[each]);
        }
        return parts;
    }

    private static async Task TalkAsync(RawPeer client, byte[][] sentence, int ending)
    {
        try
        {
            foreach (byte[] part in sentence) await client.SendAsync(part);
            if (ending == 0)
            {
                await client.ResetAsync();
                return;
            }
            await client.HalfCloseAsync();
            if (ending > 1) await client.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The gateway has refused what came before the rest was sent.
        }
        finally
        {
            await client.DisposeAsync();
        }
    }
}

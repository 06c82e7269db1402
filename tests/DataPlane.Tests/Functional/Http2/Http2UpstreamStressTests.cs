using System.Globalization;
using System.Net.Sockets;
using DataPlane.Tests.Functional.Harness;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Many exchanges on few connections, with clients and upstream leaving in the middle: whoever stays gets his answer
/// whole, and nothing is left rented when all is over, which the harness checks.
/// </summary>
public sealed class Http2UpstreamStressTests
{
    private const int Clients = 40;
    private const int Rounds = 15;

    [Theory]
    [SocketWire]
    public async Task WhoStays_IsAnswered(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(AnswerAsync);
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{upstream.Url}}" ], connections: { max: 3 } } }
            limits: { bodyMinimumRate: 0/s, responseMinimumRate: 0/s }
            routes: [ { match: { path: "/{path+}" }, to: { upstream: up } } ]
            """);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(each => AskOftenAsync(gateway, new Random(each))));
        // Kestrel allows 100 streams on a connection.
        Assert.InRange(upstream.Accepted, 1, 3);
    }

    private static async Task AskOftenAsync(TestGateway gateway, Random random)
    {
        for (int round = 0; round < Rounds; round++)
        {
            await using var client = await gateway.ConnectAsync();
            int bytes = random.Next(200_000);
            switch (random.Next(4))
            {
                case 0:
                    await client.SendAsync($"GET /bytes/{bytes} HTTP/1.1\r\nHost: a\r\n\r\n");
                    Assert.Equal(bytes, (await client.ReadResponseAsync()).Body.Length);
                    break;
                case 1:
                    await EchoAsync(client, random, bytes);
                    break;
                default:
                    await LeaveAsync(client, random, bytes);
                    break;
            }
        }
    }

    private static async Task LeaveAsync(RawPeer client, Random random, int bytes)
    {
        try
        {
            switch (random.Next(3))
            {
                case 0:
                    await client.SendAsync($"GET /bytes/{bytes} HTTP/1.1\r\nHost: a\r\n\r\n");
                    await client.ReadSomeAsync(random.Next(1, 3000));
                    await client.ResetAsync();
                    break;
                case 1:
                    await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes + 1}\r\n\r\n");
                    await client.SendAsync(new byte[bytes]);
                    await client.ResetAsync();
                    break;
                default:
                    await client.SendAsync($"GET /broken/{bytes} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                    await client.ReadToEndAsync();
                    break;
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            // As it was meant to be.
        }
    }

    private static async Task EchoAsync(RawPeer client, Random random, int bytes)
    {
        byte[] body = new byte[bytes];
        random.NextBytes(body);
        await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n");
        var sending = client.SendAsync(body);
        Assert.Equal(body, (await client.ReadResponseAsync()).Body);
        await sending;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        string[] path = context.Request.Path.Value!.Split('/');
        if (path[1] == "echo")
        {
            await context.Request.Body.CopyToAsync(context.Response.Body);
            return;
        }
        int bytes = int.Parse(path[2], CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(new byte[bytes]);
        if (path[1] == "broken") context.Abort();
    }
}

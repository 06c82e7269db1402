using System.Globalization;
using System.Net.Sockets;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>HTTP/2 servers that people use, as upstreams: each has its own ideas of HPACK, windows and ends.</summary>
public sealed class RealUpstreamTests
{
    [Theory]
    [SocketWire]
    public async Task Nghttpd_IsReadAndWritten(Wire wire)
    {
        using var files = new CertificateFolder();
        string folder = Path.GetDirectoryName(files.PathOf("x"))!;
        byte[] large = new byte[2_000_000];
        new Random(3).NextBytes(large);
        await File.WriteAllBytesAsync(Path.Combine(folder, "large"), large);
        var (server, port) = await StartNghttpdAsync(folder);
        await using var owned = server;
        await using var gateway = await StartAsync(wire, port);
        await using var client = await gateway.ConnectAsync();
        for (int round = 0; round < 3; round++)
        {
            await client.SendAsync("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(large, (await client.ReadResponseAsync()).Body);
            await client.SendAsync("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(404, (await client.ReadResponseAsync()).Status);
            await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {large.Length}\r\n\r\n");
            var sending = client.SendAsync(large);
            Assert.Equal(large, (await client.ReadResponseAsync()).Body);
            await sending;
        }
    }

    [Theory]
    [SocketWire]
    public async Task Node_IsReadAndWritten(Wire wire)
    {
        string script = Path.Combine(Repository.Root, "tests/DataPlane.Tests/Functional/Http2/server.mjs");
        await using var server = RealTool.Start("node", "nodejs", script);
        await Eventually.HoldsAsync(() => server.Said.Contains("PORT ", StringComparison.Ordinal), "Node's port");
        int port = int.Parse(server.Said.Split("PORT ")[1].Split('\n')[0], CultureInfo.InvariantCulture);
        await using var gateway = await StartAsync(wire, port);
        await using var client = await Http2Client.ConnectAsync(gateway);
        for (int round = 0; round < 3; round++)
        {
            int stream = await client.OpenAsync(
                Http2Client.Request("POST", "/echo?a=b", ("x-a", "caf\u00e9"), ("cookie", "a=b")), ends: false);
            await client.DataAsync(stream, new string('b', 5000), ends: false);
            await client.SendAsync(
                Frame.Headers, Frame.EndHeaders | Frame.EndStream, stream, Hpack.Write(("x-sum", "9")));
            var answer = await client.ReadResponseAsync(stream);
            Assert.Equal((200, "POST /echo?a=b"), (answer.Status, answer.Field("x-line")));
            Assert.Equal("a=b", answer.Field("x-cookie"));
            Assert.Equal("caf\u00e9", answer.Field("x-a"));
            Assert.Equal(new string('b', 5000), answer.Text);
            Assert.Equal("9", answer.Trailer("x-sum"));
        }
        // Every byte that a value may have, which Node codes by Huffman where that is shorter.
        string every = string.Concat(Enumerable.Range(0x21, 0x5e).Select(each => (char)each));
        var told = await client.GetAsync("/value", ("x-a", every));
        Assert.Equal(every, told.Field("x-a"));
        Assert.Equal(new string('v', 3000), (await client.GetAsync("/early")).Field("x-long"));
        Assert.Equal(502, (await client.GetAsync("/reset")).Status);
        Assert.Equal("again", (await client.GetAsync("/goaway")).Text);
        Assert.Equal("again", (await client.GetAsync("/goaway")).Text);
        Assert.DoesNotContain("Error", server.Said, StringComparison.Ordinal);
    }

    /// <summary>It cannot choose a port by itself, and one that was free may be taken when it comes to it.</summary>
    private static async Task<(RealTool Server, int Port)> StartNghttpdAsync(string folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = RealTool.FreePort();
            var server = RealTool.Start(
                "nghttpd", "nghttp2-server", "--no-tls", "--verbose", "--echo-upload", "--trailer=x-sum: 9", "-d",
                folder, port.ToString(CultureInfo.InvariantCulture));
            await Eventually.HoldsAsync(
                () => server.Said.Contains("listen", StringComparison.OrdinalIgnoreCase)
                    || server.Said.Contains("bind", StringComparison.OrdinalIgnoreCase),
                "nghttpd has begun");
            if (Listens(port)) return (server, port);
            await server.DisposeAsync();
            Assert.InRange(attempt, 1, 10);
        }
    }

    private static bool Listens(int port)
    {
        try
        {
            using var probe = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Task<TestGateway> StartAsync(Wire wire, int port) => TestGateway.StartAsync(
        wire,
        $$"""
        upstreams: { up: { protocol: http2, endpoints: [ "http://127.0.0.1:{{port}}" ] } }
        limits: { bodyMinimumRate: 0/s, responseMinimumRate: 0/s, requestBodyBytes: 16MiB }
        routes: [ { match: { path: "/{path+}" }, to: { upstream: up } } ]
        """);
}

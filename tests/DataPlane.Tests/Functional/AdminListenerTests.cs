using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Admin;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>The admin listener as the process runs it: how strict its server is, and what it takes at most.</summary>
public sealed class AdminListenerTests
{
    [Theory]
    [InlineData("GET /healthz HTTP/1.1\nHost: a\n\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\nX: y\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\n\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n")]
    public async Task MalformedRequest_IsRefused(string request)
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith("HTTP/1.1 400 ", await ReadAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(201, 10, "431")]
    [InlineData(1, 70_000, "431")]
    public async Task LargeHead_IsRefused(int fields, int bytes, string status)
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        string value = new('x', bytes);
        string head = string.Concat(Enumerable.Range(0, fields).Select(each => $"F{each}: {value}\r\n"));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{head}\r\n"));
        Assert.StartsWith($"HTTP/1.1 {status} ", await ReadAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodyNobodyWants_Is413WhenItIsLarge()
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /config HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nContent-Length: {AdminLimits.ConfigBytes + 1}" +
            "\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 413 ", await ReadAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationsSentSlowly_HoldNoMoreMemoryThanTwo()
    {
        await using var gateway = await StartAsync();
        byte[] head = Encoding.ASCII.GetBytes(
            "PUT /config HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nContent-Length: 1000000\r\n"
            + "Expect: 100-continue\r\n\r\n");
        byte[] goOn = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();
        var slow = new List<TcpClient>();
        try
        {
            for (int each = 0; each < AdminLimits.ConfigsAtOnce; each++)
            {
                slow.Add(await ConnectAsync(gateway));
                await slow[^1].GetStream().WriteAsync(head);
                // Said when somebody begins to read: from then on it counts.
                byte[] said = new byte[goOn.Length];
                await slow[^1].GetStream().ReadExactlyAsync(said).AsTask().WaitAsync(Eventually.Patience);
                Assert.Equal(goOn, said);
            }
            using var late = await ConnectAsync(gateway);
            await late.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "PUT /config HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nConnection: close\r\n"
                + "Content-Length: 2\r\n\r\n[]"));
            Assert.StartsWith("HTTP/1.1 503 ", await ReadAsync(late), StringComparison.Ordinal);
        }
        finally
        {
            slow.ForEach(each => each.Dispose());
        }
    }

    [Fact]
    public async Task ConnectionsBeyondTheLimit_AreClosedAndClientsAreServed()
    {
        await using var gateway = await StartAsync();
        var held = new List<TcpClient>();
        try
        {
            for (int each = 0; each < AdminLimits.Connections; each++)
            {
                held.Add(await ConnectAsync(gateway));
                await held[^1].GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
                Assert.NotEqual(0, await held[^1].GetStream().ReadAsync(new byte[1]));
            }
            Assert.False(await IsServedAsync(gateway));
            Assert.Equal("mocked", (await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        }
        finally
        {
            held.ForEach(each => each.Dispose());
        }
        await Eventually.HoldsAsync(() => IsServedAsync(gateway), "room for one more");
    }

    private static async Task<HostedGateway> StartAsync()
    {
        var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync("routes: [ { id: mock, match: { path: /mock }, to: { mock: { body: mocked } } } ]");
        return gateway;
    }

    private static async Task<TcpClient> ConnectAsync(HostedGateway gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.AdminAddress.Port);
        return client;
    }

    /// <summary>A connection that is closed at once may show it at any step.</summary>
    private static async Task<bool> IsServedAsync(HostedGateway gateway)
    {
        try
        {
            using var client = await ConnectAsync(gateway);
            await client.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            return await client.GetStream().ReadAsync(new byte[1]) > 0;
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            return false;
        }
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        using var all = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(all).WaitAsync(Eventually.Patience);
        }
        catch (IOException)
        {
            // Broken off; what came before counts.
        }
        return Encoding.ASCII.GetString(all.ToArray());
    }
}

using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Fields that would be more than a field once they are lines of an HTTP/1.1 head: refused by 400, by a reset or by the
/// end of the connection, and never seen by an upstream.
/// </summary>
public sealed class Http2InjectionTests
{
    [Theory]
    [SocketWire]
    public async Task SharedVectors_AreRefused(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h2_downgrade_injections.json", out var document)) return;
        using var owned = document;
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var header = item.GetProperty("header");
            var field = (header.GetProperty("name").GetString()!, header.GetProperty("value").GetString()!);
            await AssertRefusedAsync(wire, field, body: "smuggled");
        }
    }

    [Theory]
    [SocketWire("a", "b\r\nx: y")]
    [SocketWire("a", "b\nx: y")]
    [SocketWire("a", "b\rx: y")]
    [SocketWire("a", "b\0c")]
    [SocketWire("a", "b\u007f")]
    [SocketWire("a", " b")]
    [SocketWire("a", "b ")]
    [SocketWire("a", "\tb")]
    [SocketWire("", "b")]
    [SocketWire("a b", "c")]
    [SocketWire("a:", "c")]
    [SocketWire("a\r\nx", "c")]
    [SocketWire("a\u00e9", "c")]
    [SocketWire("A", "c")]
    [SocketWire("connection", "close")]
    [SocketWire("keep-alive", "timeout=5")]
    [SocketWire("proxy-connection", "close")]
    [SocketWire("transfer-encoding", "chunked")]
    [SocketWire("transfer_encoding", "chunked")]
    [SocketWire("upgrade", "websocket")]
    [SocketWire("http2-settings", "AA")]
    [SocketWire("te", "gzip")]
    [SocketWire("te", "trailers, deflate")]
    [SocketWire("content-length", "1, 1")]
    [SocketWire("content-length", "-1")]
    [SocketWire("host", "other.test")]
    [SocketWire(":method", "GET ")]
    [SocketWire(":method", "G@T")]
    [SocketWire(":method", "")]
    [SocketWire(":path", "")]
    [SocketWire(":path", "x")]
    [SocketWire(":path", "*")]
    [SocketWire(":path", "http://other.test/")]
    [SocketWire(":path", "/a b")]
    [SocketWire(":path", "/a\tb")]
    [SocketWire(":path", "/a#b")]
    [SocketWire(":path", "/a\u00e9")]
    [SocketWire(":path", "/%zz")]
    [SocketWire(":path", "/%00")]
    [SocketWire(":scheme", "ftp")]
    [SocketWire(":scheme", "http://x/ HTTP/1.1\r\nx: ")]
    [SocketWire(":authority", "user@gw.test")]
    [SocketWire(":authority", "gw.test/x")]
    [SocketWire(":authority", "gw.test:x")]
    [SocketWire(":authority", "gw test")]
    [SocketWire(":authority", "")]
    [SocketWire(":status", "200")]
    [SocketWire(":other", "x")]
    public async Task Field_IsRefused(Wire wire, string name, string value) =>
        await AssertRefusedAsync(wire, (name, value), body: "x");

    [Theory]
    [SocketWire("te", "trailers")]
    [SocketWire("a", "")]
    [SocketWire("a", "b\tc")]
    [SocketWire("a", "b\u00e9")]
    [SocketWire("host", "gw.test")]
    [SocketWire("a!#$%&'*+-.^_`|~9", "x")]
    public async Task SoundField_Passes(Wire wire, string name, string value)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        Assert.Equal(200, (await client.GetAsync("/x", (name, value))).Status);
        Assert.Empty(upstream.Violations);
        if (name.StartsWith('a'))
        {
            string request = Encoding.Latin1.GetString(Assert.Single(upstream.Requests));
            Assert.Contains($"\r\n{name}: {value}\r\n", request);
        }
    }

    [Theory]
    [SocketWire("limits: { requestHeaderCount: 10 }", 12, 1, 431)]
    [SocketWire("limits: { requestHeadBytes: 2KiB, requestLineBytes: 1KiB }", 4, 600, 431)]
    [SocketWire("limits: { requestHeadBytes: 2KiB, requestLineBytes: 1KiB }", 1, 1500, 431)]
    public async Task HeadBeyondALimit_IsAnswered(Wire wire, string limits, int fields, int bytes, int status)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1", limits);
        await using var client = await Http2Client.ConnectAsync(gateway);
        var more = Enumerable.Range(0, fields).Select(each => ($"a{each}", new string('x', bytes))).ToArray();
        Assert.Equal(status, (await client.GetAsync("/mock", more)).Status);
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire]
    public async Task LongPath_Is414(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await Http2Client.ConnectAsync(gateway);
        Assert.Equal(414, (await client.GetAsync("/" + new string('a', 9000))).Status);
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire]
    public async Task CookieCrumbs_CountAsFields(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { requestHeaderCount: 10 }");
        await using var client = await Http2Client.ConnectAsync(gateway);
        var crumbs = Enumerable.Range(0, 12).Select(each => ("cookie", $"c{each}=1")).ToArray();
        Assert.Equal(431, (await client.GetAsync("/mock", crumbs)).Status);
        Assert.Equal("mocked", (await client.GetAsync("/mock", crumbs[..6])).Text);
    }

    private static async Task AssertRefusedAsync(Wire wire, (string Name, string Value) field, string body)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        var request = Http2Client.Request("POST", "/x");
        int place = Array.FindIndex(request, each => each.Name == field.Name);
        if (place >= 0) request[place] = field;
        else if (field.Name.StartsWith(':')) request = [field, .. request];
        else request = [.. request, field];
        int stream = await client.OpenAsync(request, ends: false);
        string outcome;
        try
        {
            await client.DataAsync(stream, body);
            var response = await client.ReadResponseAsync(stream);
            outcome = response.ResetCode is { } code ? $"reset {code}" : $"{response.Status}";
        }
        catch (Exception ended) when (ended is IOException or System.Net.Sockets.SocketException)
        {
            outcome = "the end of the connection";
        }
        bool isRefused = outcome is "400" or "reset 1" or "the end of the connection";
        string shown = $"{field.Name}: {field.Value}: {outcome}";
        // What is merely settled (a host that gives way to the authority) may pass, as long as nothing of it does.
        if (field.Name == "host") Assert.DoesNotContain(field.Value, Passed(upstream));
        else Assert.True(isRefused, shown);
        if (field.Name != "host") Assert.DoesNotContain(body, Passed(upstream));
        Assert.True(upstream.Violations.Count == 0, shown + string.Join('\n', upstream.Violations));
    }

    private static string Passed(StrictUpstream upstream) =>
        string.Join('\n', upstream.Requests.Select(Encoding.Latin1.GetString));
}

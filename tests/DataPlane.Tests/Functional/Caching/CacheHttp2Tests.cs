using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>One cache for the clients of both protocols.</summary>
public sealed class CacheHttp2Tests
{
    [Theory]
    [SocketWire]
    public async Task StoredResponse_ServesClientsOfBothProtocols(Wire wire)
    {
        string body = new('x', 15_000);
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => ScriptedUpstream.Ok("Cache-Control: max-age=60\r\nETag: \"a\"", body));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        for (int each = 0; each < 3; each++)
        {
            var response = await client.GetAsync("/a");
            Assert.Equal((200, body), (response.Status, response.Text));
        }
        var confirmed = await client.GetAsync("/a", ("if-none-match", "\"a\""));
        Assert.Equal((304, ""), (confirmed.Status, confirmed.Text));
        var part = await client.GetAsync("/a", ("range", "bytes=5-9"));
        Assert.Equal((206, "xxxxx"), (part.Status, part.Text));
        Assert.Equal(body, (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n")).Text);
        Assert.Equal(1, upstream.Count);
    }
}

using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>A route that caches: what is asked of the upstream, and what clients get.</summary>
public sealed class CacheTests
{
    [Theory]
    [EveryWire]
    public async Task FreshResponse_IsServedWithoutTheUpstream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => ScriptedUpstream.Ok("Cache-Control: max-age=60\r\nETag: \"a\"\r\nX-Own: 1"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        var miss = await gateway.AskAsync("GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("dataplane; fwd=uri-miss; stored", miss.Field("Cache-Status"));
        for (int each = 0; each < 3; each++)
        {
            var hit = await gateway.AskAsync("GET /a?b=c HTTP/1.1\r\nHost: A\r\n\r\n");
            Assert.Equal((200, "body", "1"), (hit.Status, hit.Text, hit.Field("X-Own")));
            Assert.StartsWith("dataplane; hit; ttl=", hit.Field("Cache-Status"));
            Assert.Equal(miss.Field("Date"), hit.Field("Date"));
            Assert.NotNull(hit.Field("Age"));
        }
        Assert.Equal(1, upstream.Count);
    }
}

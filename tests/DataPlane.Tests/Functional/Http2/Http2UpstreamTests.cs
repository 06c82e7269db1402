using System.Text;
using DataPlane.Tests.Functional.Harness;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>HTTP/1.1 in, HTTP/2 out: one stream per exchange, whatever the exchange does.</summary>
public sealed class Http2UpstreamTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n";

    [Theory]
    [SocketWire]
    public async Task Get_IsAStreamWithTheClientsHead(Wire wire)
    {
        string seen = "";
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            var request = context.Request;
            string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            seen = $"{request.Protocol} {request.Method} {request.Host} {target}\n"
                + string.Join('\n', request.Headers.Select(each => $"{each.Key}: {each.Value}"));
            context.Response.Headers["x-answer"] = "caf\u00e9";
            await context.Response.WriteAsync("hello");
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        var answer = await gateway.AskAsync(
            "GET /a/../b//c%2e?q=%41&r=[] HTTP/1.1\r\nHost: a.example:81\r\nX-One: 1\r\nUser-Agent: me\r\n"
            + "Connection: x-hop\r\nX-Hop: 1\r\nX-Latin: caf\u00e9\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal("hello", Encoding.Latin1.GetString(answer.Body));
        Assert.Equal("caf\u00e9", answer.Field("x-answer"));
        Assert.StartsWith("HTTP/2 GET a.example:81 /a/../b//c%2e?q=%41&r=[]\n", seen);
        Assert.Contains("\nX-One: 1", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\nUser-Agent: me", seen);
        Assert.Contains("\nX-Forwarded-For: 127.0.0.1", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Hop", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("transfer-encoding", seen, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [SocketWire("5", "Content-Length: 5\r\n\r\nhello")]
    [SocketWire("", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public async Task Body_ArrivesWithItsFraming(Wire wire, string length, string rest)
    {
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            string text = await body.ReadToEndAsync();
            await context.Response.WriteAsync(
                $"{text} {context.Request.ContentLength} {context.Request.ContentType}");
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        var answer = await gateway.AskAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/x\r\n{rest}");
        Assert.Equal($"hello {length} text/x", Encoding.Latin1.GetString(answer.Body));
    }

    [Theory]
    [SocketWire]
    public async Task LargeBodies_GoThroughBothWays(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(context =>
            context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        byte[] body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
        var sending = client.SendAsync(body);
        var answer = await client.ReadResponseAsync();
        await sending;
        Assert.True(body.AsSpan().SequenceEqual(answer.Body));
    }

    [Theory]
    [SocketWire]
    public async Task BothDirections_FlowAtOnce(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            byte[] buffer = new byte[100];
            int count;
            while ((count = await context.Request.Body.ReadAsync(buffer)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                await context.Response.Body.FlushAsync();
            }
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        // On an upstream connection that is warm nothing else flushes the head of a request.
        for (int exchange = 0; exchange < 20; exchange++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            await client.ReadHeadAsync();
            for (int each = 0; each < 3; each++)
            {
                await client.SendAsync("4\r\nping\r\n");
                Assert.Equal("4\r\nping\r\n", await client.ReadUntilAsync("ping\r\n"));
            }
            await client.SendAsync("0\r\n\r\n");
            Assert.Equal("0\r\n\r\n", await client.ReadUntilAsync("0\r\n\r\n"));
        }
    }

    [Theory]
    [SocketWire]
    public async Task Trailers_GoToWhoAsksForThem(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("x");
            context.Response.AppendTrailer("X-Sum", "9");
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
        await client.ReadHeadAsync();
        Assert.Equal("1\r\nx\r\n0\r\nx-sum: 9\r\n\r\n", (await client.ReadUntilAsync("\r\n\r\n")).ToLowerInvariant());
    }

    /// <summary>As far as clients may send any: those of HTTP/1.1 stay here.</summary>
    [Theory]
    [SocketWire]
    public async Task TrailersOfRequests_FollowTheBody(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            var trailers = context.Features.Get<IHttpRequestTrailersFeature>()!;
            string said = string.Join(',', trailers.Trailers.Select(each => $"{each.Key}={each.Value}"));
            await context.Response.WriteAsync($"{body} {trailers.Available} {said}");
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            + "5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n");
        Assert.Equal("hello True ", response.Text);
        await using var client = await Http2Client.ConnectAsync(gateway);
        foreach (string body in (string[])["hello", new string('b', 40_000)])
        {
            int stream = await client.OpenAsync(Http2Client.Request("POST", "/x"), ends: false);
            for (int at = 0; at < body.Length; at += 10_000)
                await client.DataAsync(stream, body[at..Math.Min(body.Length, at + 10_000)], ends: false);
            await client.SendAsync(
                Frame.Headers, Frame.EndHeaders | Frame.EndStream, stream,
                Hpack.Write(("x-sum", "9"), ("host", "b"), ("x-more", "y")));
            Assert.Equal($"{body} True x-sum=9,x-more=y", (await client.ReadResponseAsync(stream)).Text);
        }
    }

    [Theory]
    [SocketWire]
    public async Task ManyExchanges_ShareAConnection(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(context => context.Response.WriteAsync("x"));
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        Assert.Equal(200, (await gateway.AskAsync(Get)).Status);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
            Assert.Equal(200, (await gateway.AskAsync(Get)).Status)));
        // One for each loop.
        Assert.InRange(upstream.Accepted, 1, 2);
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatLeaves_ResetsTheStreamAtOnce(Wire wire)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            arrived.SetResult();
            await aborted.Task;
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await arrived.Task.WaitAsync(Eventually.Patience);
        await client.ResetAsync();
        await aborted.Task.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [SocketWire(false)]
    [SocketWire(true)]
    public async Task UpstreamThatResets_Is502OrBrokenOff(Wire wire, bool hasBegun)
    {
        var hasHead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Http2Upstream.StartAsync(async context =>
        {
            if (hasBegun)
            {
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                await hasHead.Task;
            }
            context.Abort();
        });
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        if (!hasBegun)
        {
            Assert.Equal(502, (await client.ReadResponseAsync()).Status);
            return;
        }
        await client.ReadHeadAsync();
        hasHead.SetResult();
        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task NobodyListens_Is503(Wire wire)
    {
        string url;
        await using (var gone = await Http2Upstream.StartAsync(_ => Task.CompletedTask)) url = gone.Url;
        await using var gateway = await ProxyAsync(wire, url);
        Assert.Equal(503, (await gateway.AskAsync(Get)).Status);
        Assert.Equal(503, (await gateway.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")).Status);
    }

    [Theory]
    [SocketWire]
    public async Task RefusedConnection_GoesToAnotherEndpoint(Wire wire)
    {
        string url;
        await using (var gone = await Http2Upstream.StartAsync(_ => Task.CompletedTask)) url = gone.Url;
        await using var upstream = await Http2Upstream.StartAsync(context => context.Response.WriteAsync("x"));
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{url}}", "{{upstream.Url}}" ] } }
            routes: [ { match: { path: "/{path+}" }, to: { upstream: up } } ]
            """);
        for (int each = 0; each < 4; each++) Assert.Equal(200, (await gateway.AskAsync(Get)).Status);
    }

    [Theory]
    [SocketWire]
    public async Task SlowHead_Is504(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await ProxyAsync(wire, upstream.Url, "timeouts: { response: 100ms }");
        Assert.Equal(504, (await gateway.AskAsync(Get)).Status);
    }

    [Theory]
    [SocketWire]
    public async Task GrpcOverHttp1_Is505(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await ProxyAsync(wire, upstream.Url);
        var answer = await gateway.AskAsync(
            "POST /a.B/C HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(505, answer.Status);
        Assert.Contains("HTTP/2", answer.Text);
        Assert.Equal(0, upstream.Accepted);
    }

    [Theory]
    [SocketWire]
    public async Task ProtocolThatAReloadChanges_IsSpokenFromThenOn(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(context => context.Response.WriteAsync("x"));
        string routes = "routes: [ { match: { path: /x }, to: { upstream: up } } ]";
        await using var gateway = await TestGateway.StartAsync(
            wire, $$"""
            upstreams: { up: { endpoints: [ "{{upstream.Url}}" ] } }
            {{routes}}
            """);
        Assert.NotEqual(200, (await gateway.AskAsync(Get)).Status);
        await gateway.ReloadAsync(
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{upstream.Url}}" ] } }
            {{routes}}
            """);
        Assert.Equal(200, (await gateway.AskAsync(Get)).Status);
    }

    private static Task<TestGateway> ProxyAsync(Wire wire, string url, string more = "connections: { max: 10 }") =>
        TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{url}}" ], {{more}} } }
            limits: { bodyMinimumRate: 0/s }
            routes:
              - { match: { path: / }, to: { upstream: up } }
              - { match: { path: "/{path+}" }, to: { upstream: up } }
            """);
}

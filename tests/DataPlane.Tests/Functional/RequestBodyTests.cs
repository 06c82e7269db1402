using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>Bodies on their way to the upstream, and what comes back meanwhile.</summary>
public sealed class RequestBodyTests
{
    private const int LargeBytes = 8 * 1024 * 1024;

    [Theory]
    [EveryWire("Content-Length: 5\r\n\r\nhello", "Content-Length: 5")]
    [EveryWire("Content-Length: 0005\r\n\r\nhello", "Content-Length: 5")]
    [EveryWire("Content-Length: 0\r\n\r\n", "Content-Length: 0")]
    [EveryWire("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "Transfer-Encoding: chunked")]
    public async Task Body_IsPassedOnInItsFraming(Wire wire, string rest, string framing)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync($"POST /x HTTP/1.1\r\nHost: a\r\n{rest}");
        Assert.Equal(200, response.Status);
        var received = Assert.Single(upstream.Requests);
        Assert.Equal(rest.Contains("llo") ? "hello" : "", Encoding.ASCII.GetString(received.Body));
        Assert.Contains(framing + "\r\n", received.RawText);
        bool isChunked = framing.StartsWith("Transfer", StringComparison.Ordinal);
        Assert.Equal(isChunked, received.Header("Content-Length") is null);
    }

    [Theory]
    [EveryWire]
    public async Task ChunkHeadersExtensionsAndTrailers_StayAtTheGateway(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nTE: trailers\r\n\r\n" +
            "0000000A;name=\"va;lue\"\r\n0123456789\r\n000;last\r\nX-Sum: 1\r\n\r\n");
        Assert.Equal(200, response.Status);
        string received = Encoding.Latin1.GetString(Assert.Single(upstream.Requests));
        string body = received[(received.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Equal("a\r\n0123456789\r\n0\r\n\r\n", body);
        Assert.DoesNotContain("Trailer", received);
        Assert.DoesNotContain("TE:", received);
        Assert.Empty(upstream.Violations);
    }

    [Theory]
    [EveryWire("Content-Length: 1024", "")]
    [EveryWire("Transfer-Encoding: chunked", "400\r\n")]
    public async Task BodyOfExactlyTheLimit_IsTaken(Wire wire, string framing, string size)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, "limits: { requestBodyBytes: 1KiB }");
        string end = size.Length > 0 ? "\r\n0\r\n\r\n" : "";
        var response = await gateway.AskAsync(
            $"POST /x HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n{size}{new string('x', 1024)}{end}");
        Assert.Equal(200, response.Status);
        Assert.Contains("\"bodyBytes\":1024", response.Text);
    }

    [Theory]
    [EveryWire]
    public async Task ChunkedBodyBeyondTheLimit_Is413(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, "limits: { requestBodyBytes: 1KiB }");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
            $"3ff\r\n{new string('x', 1023)}\r\n2\r\nyz\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal(413, response.Status);
        Assert.True(response.Closes);
        await client.ReadToEndAsync();
        Assert.False(client.WasReset);
        Assert.DoesNotContain(upstream.Requests, request => request.IsComplete);
    }

    [Theory]
    [EveryWire("5\nhello\r\n0\r\n\r\n")]
    [EveryWire("-5\r\nhello\r\n0\r\n\r\n")]
    [EveryWire("5\r\nhelloX\r\n0\r\n\r\n")]
    [EveryWire("5;a\nb\r\nhello\r\n0\r\n\r\n")]
    [EveryWire("11111111111111111\r\n")]
    [EveryWire("0\r\nBad Trailer: x\r\n\r\n")]
    public async Task BrokenChunks_Are400(Wire wire, string body)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        var response = await client.ReadResponseAsync();
        Assert.Equal(400, response.Status);
        Assert.True(response.Closes);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Empty(upstream.Requests);
        Assert.Empty(upstream.Violations);
    }

    [Theory]
    [EveryWire("/echo")]
    [EveryWire("/x")]
    public async Task Expectation_IsMetByTheGateway(Wire wire, string path)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadHeadAsync());
        await client.SendAsync("hello");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Null(Assert.Single(upstream.Requests).Header("Expect"));
        await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task ExpectationWithTheBodyBehindIt_IsServed(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
        // RFC 9110 10.1.1: 100 may be left out once the body has come, and need not be.
        var response = await client.ReadResponseAsync();
        if (response.Status == 100) response = await client.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Contains("\"bodyBytes\":5", response.Text);
    }

    [Fact]
    public async Task ContinueThatDoesNotFitTheClientsWindow_DoesNotDisturbAnEarlyAnswer()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        string big = new('x', 40_000);
        await gateway.StartAsync(
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{listener.Url}}" } ] } }
            routes:
              - { match: { path: /big }, to: { mock: { body: "{{big}}" } } }
              - { match: { path: /x }, to: { upstream: up } }
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        const string get = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
        await client.SendAsync(get);
        await gateway.SettleAsync();
        await client.SendAsync(
            get + "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        await gateway.SettleAsync();
        await upstream.ReadHeadAsync();
        // In two parts, so that the first must be flushed while the second is awaited.
        await upstream.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2000\r\n\r\n" + big[..1000]);
        await gateway.SettleAsync();
        await upstream.SendAsync(big[..1000]);
        await gateway.SettleAsync();
        for (int each = 0; each < 2; each++) Assert.Equal(big, (await client.ReadResponseAsync()).Text);
        var response = await client.ReadResponseAsync();
        if (response.Status == 100) response = await client.ReadResponseAsync();
        Assert.Equal(413, response.Status);
        Assert.Equal(big[..2000], response.Text);
    }

    [Theory]
    [EveryWire("Content-Length: 8388608", false)]
    [EveryWire("Transfer-Encoding: chunked", true)]
    public async Task LargeBody_ComesBackWhole(Wire wire, string framing, bool chunked)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        byte[] body = new byte[LargeBytes];
        new Random(7).NextBytes(body);
        var sending = SendAsync();
        var head = new RawResponse(await client.ReadHeadAsync(), []);
        byte[] echoed = chunked ? await client.ReadChunksAsync() : await client.ReadExactlyAsync(LargeBytes);
        await sending;
        Assert.Equal(200, head.Status);
        Assert.True(body.AsSpan().SequenceEqual(echoed));

        async Task SendAsync()
        {
            await client.SendAsync($"POST /echo HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n");
            for (int sent = 0; sent < LargeBytes; sent += 65_536)
            {
                if (chunked) await client.SendAsync("10000\r\n");
                await client.SendAsync(body.AsMemory(sent, 65_536));
                if (chunked) await client.SendAsync("\r\n");
            }
            if (chunked) await client.SendAsync("0\r\n\r\n");
        }
    }

    [Theory]
    [EveryWire]
    public async Task EarlyAnswer_ReachesAClientThatStillSends(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: {LargeBytes}\r\n\r\n");
        var answer = client.ReadResponseAsync();
        byte[] piece = new byte[10_000];
        // A client that looks for an answer only between its writes.
        await Eventually.HoldsAsync(
            async () =>
            {
                if (answer.IsCompleted) return true;
                try
                {
                    await client.SendAsync(piece);
                }
                catch (Exception exception) when (exception is IOException or SocketException)
                {
                    // The gateway has closed behind its answer, which must be there all the same.
                    await answer;
                }
                return answer.IsCompleted;
            },
            "the early answer");
        Assert.Equal(413, (await answer).Status);
        Assert.True((await answer).Closes);
    }

    [Theory]
    [EveryWire]
    public async Task EarlyAnswerToAHeadAlone_DoesNotWaitForTheBody(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatDoesNotRead_HoldsTheClientBack(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { requestBodyBytes: 1GiB }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        long sent = await SendUntilBlockedAsync(client);
        // The kernel's buffers of two connections, and what the gateway holds: far from the whole.
        Assert.InRange(sent, 1, 64 * 1024 * 1024);
        Assert.InRange(await gateway.SlabsAsync(), 0, 8);
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatDoesNotRead_HoldsTheUpstreamBack(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3b9aca00\r\n");
        long sent = await SendUntilBlockedAsync(upstream);
        Assert.InRange(sent, 1, 64 * 1024 * 1024);
        Assert.InRange(await gateway.SlabsAsync(), 0, 8);
    }

    [Fact]
    public async Task BackPressure_IsExactInMemory()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
        int sent = 0;
        Task last = Task.CompletedTask;
        for (; last.IsCompleted && sent < 10_000_000; sent += 10_000)
        {
            last = upstream.SendAsync(new byte[10_000]);
            await gateway.SettleAsync();
        }
        // Two windows of 64 KiB and a run between them.
        Assert.InRange(sent, 64 * 1024, 300 * 1024);
        await client.ReadHeadAsync();
        await client.ReadExactlyAsync(sent);
        await last;
    }

    /// <summary>Bytes sent until a write waited for longer than any scheduling would explain.</summary>
    private static async Task<long> SendUntilBlockedAsync(RawPeer peer)
    {
        byte[] piece = new byte[256 * 1024];
        var patience = TimeSpan.FromMilliseconds(700);
        for (long sent = 0; ; sent += piece.Length)
        {
            var write = peer.SendAsync(piece);
            try
            {
                await write.WaitAsync(patience);
            }
            catch (TimeoutException)
            {
                _ = write.ContinueWith(static task => task.Exception, TaskScheduler.Default);
                return sent + 1;
            }
        }
    }
}

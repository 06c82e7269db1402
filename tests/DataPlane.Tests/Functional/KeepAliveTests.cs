using System.Net.Sockets;
using System.Text;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>How requests follow each other on a connection, and when it ends.</summary>
public sealed class KeepAliveTests
{
    [Theory]
    [EveryWire]
    public async Task ManyRequests_AreAnsweredOnOneConnection(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 20; each++)
        {
            await client.SendAsync($"GET /item-{each} HTTP/1.1\r\nHost: a\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            Assert.Contains($"\"/item-{each}\"", response.Text);
        }
        Assert.Equal(1, gateway.Open);
        Assert.Equal(1, upstream.ConnectionCount);
    }

    [Theory]
    [EveryWire("/mock")]
    [EveryWire("/proxied")]
    public async Task PipelinedRequests_AreAnsweredInOrder(Wire wire, string path)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        var requests = new StringBuilder();
        for (int each = 0; each < 50; each++)
        {
            string target = each % 3 == 0 ? $"/nowhere%00{each}" : $"{path}?n={each}";
            if (each % 5 == 0) target = $"/item-{each}";
            requests.Append($"GET {target} HTTP/1.1\r\nHost: a\r\nX-Request-Id: i{each}\r\n\r\n");
        }
        await client.SendAsync(requests.ToString());
        for (int each = 0; each < 50; each++)
        {
            var response = await client.ReadResponseAsync();
            if (each % 5 == 0) Assert.Contains($"\"/item-{each}\"", response.Text);
            else if (each % 3 == 0) Assert.EndsWith($"\"requestId\":\"i{each}\"}}", response.Text);
            else if (path == "/mock") Assert.Equal("mocked", response.Text);
            else Assert.Contains($"?n={each}\"", response.Text);
        }
    }

    [Theory]
    [SocketWire]
    public async Task PipelinedLocalReplies_LeaveInFewSends(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        string one = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";
        await client.SendAsync(string.Concat(Enumerable.Repeat(one, 50)));
        var first = await client.ReadResponseAsync();
        int reads = 1;
        for (int left = 49 * (first.Head.Length + first.Body.Length); left > 0; reads++)
            left -= (await client.ReadSomeAsync(left)).Length;
        Assert.True(reads <= 5, $"50 replies took {reads} reads");
    }

    [Theory]
    [EveryWire]
    public async Task RequestByteByByte_IsAnswered(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        const string request =
            "\r\nPOST /mail HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
            "5\r\nhello\r\n0;x=y\r\nT: v\r\n\r\n";
        foreach (char one in request) await client.SendAsync(one.ToString());
        var response = await client.ReadResponseAsync();
        Assert.Contains("\"bodyBytes\":5", response.Text);
        await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire("GET /mock HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [EveryWire("GET /mock HTTP/1.0\r\n\r\n")]
    public async Task ClientThatWantsTheEnd_GetsIt(Wire wire, string request)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(request + request);
        var response = await client.ReadResponseAsync();
        Assert.True(response.Closes);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response.Head);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
    }

    [Theory]
    [EveryWire]
    public async Task Http10ClientThatWantsToStay_IsToldThatItMay(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /mock HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Assert.Equal("keep-alive", (await client.ReadResponseAsync()).Field("Connection"));
        await client.SendAsync("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Assert.Equal("keep-alive", (await client.ReadResponseAsync()).Field("Connection"));
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("HTTP/1.1", received.Version);
        Assert.Equal(upstream.Url["http://".Length..], received.Header("Host"));
    }

    [Theory]
    [EveryWire]
    public async Task ChunkedAnswerToHttp10_EndsWithTheConnection(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /chunked/5000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Null(response.Field("Transfer-Encoding"));
        Assert.True(response.Closes);
        Assert.Equal(5000, response.Body.Length);
        Assert.False(client.WasReset);
    }

    [Theory]
    [EveryWire]
    public async Task LastRequestOfTheLimit_ClosesTheConnection(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { requestsPerConnection: 3 }");
        await using var client = await gateway.ConnectAsync();
        for (int each = 1; each <= 3; each++)
        {
            await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(each == 3, (await client.ReadResponseAsync()).Closes);
        }
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [EveryWire]
    public async Task ConnectionBeyondTheLimit_IsClosedAtOnce(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { connections: 2 }");
        var served = new List<RawPeer>();
        for (int each = 0; each < 2; each++)
        {
            served.Add(await gateway.ConnectAsync());
            await served[each].SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(200, (await served[each].ReadResponseAsync()).Status);
        }
        try
        {
            await using var refused = await gateway.ConnectAsync();
            Assert.Equal("", await refused.ReadToEndAsync());
        }
        catch (SocketException)
        {
            // The reset was faster than the connect could tell.
        }
        var admission = gateway.Connections.Admission;
        await Eventually.HoldsAsync(
            () => admission.Refused(RefusalReason.Connections) == 1, "the refusal is counted");
        await served[0].DisposeAsync();
        await Eventually.HoldsAsync(() => admission.Open == 1, "the closed connection is no longer counted");
        var next = await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", next.Text);
    }

    [Theory]
    [EveryWire]
    public async Task AbsoluteForm_IsRoutedByItsAuthority(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync("GET http://API.example/x?y=1 HTTP/1.1\r\nHost: api.example\r\n\r\n");
        Assert.Equal(200, response.Status);
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("/x?y=1", received.Target);
        Assert.Equal("API.example", received.Header("Host"));
    }

    [Theory]
    [EveryWire]
    public async Task BodyNobodyWants_IsReadAwayWhenSmall(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /mock HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n");
        Assert.False((await client.ReadResponseAsync()).Closes);
        await client.SendAsync(new string('x', 20000) + "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire("Content-Length: 100000\r\n")]
    [EveryWire("Transfer-Encoding: chunked\r\n")]
    [EveryWire("Content-Length: 10\r\nExpect: 100-continue\r\n")]
    public async Task BodyNobodyWants_ClosesWhenItsEndIsUncertain(Wire wire, string fields)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST /mock HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.True(response.Closes);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
    }
}

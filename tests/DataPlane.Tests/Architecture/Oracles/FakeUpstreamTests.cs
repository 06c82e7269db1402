using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Architecture.Oracles;

/// <summary>What tests and the demo rely on when they point the gateway at the fake.</summary>
public sealed class FakeUpstreamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static TheoryData<string, string> Answers => new()
    {
        { "/status/404", "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n*status 404\n" },
        { "/status/204", "HTTP/1.1 204 No Content\r\n*" },
        { "/bytes/5", "HTTP/1.1 200 OK\r\n*Content-Length: 5\r\n*\r\n\r\nabcde" },
        { "/chunked/10", "*Transfer-Encoding: chunked\r\n*1\r\na\r\n7\r\nbcdefgh\r\n2\r\nij\r\n0\r\n\r\n" },
        { "/slow/3", "HTTP/1.1 200 OK\r\n*Content-Length: 3\r\n*\r\n\r\nabc" },
        { "/close", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end\n" },
        { "/early", "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
        { "/continue", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n*\r\n\r\nhello" },
        { "/informational", "HTTP/1.1 103 Early Hints\r\n*\r\n\r\nHTTP/1.1 200 OK\r\n*\r\n\r\nafter hints\n" },
        { "/garbage", "HTP/1.1 2oo OK\r\n*" },
        { "/cl-te", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n*" },
        { "/echo", "HTTP/1.1 200 OK\r\n*Content-Length: 5\r\n*\r\n\r\nhello" },
        { "/drop", "" },
        { "/other?x=1", "HTTP/1.1 200 OK\r\n*\"method\":\"POST\",\"target\":\"/other?x=1\"*\"bodyBytes\":5*" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task SpecialPath_AnswersAsItsNameSays(string target, string expected)
    {
        await using var upstream = FakeUpstream.Start();

        var answer = await SendAsync(
            upstream.Port, $"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");

        AssertMatches(expected, answer);
    }

    [Fact]
    public async Task ChunkedBody_IsEchoedAndRecordedRaw()
    {
        const string Request =
            "POST /echo HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        await using var upstream = FakeUpstream.Start();

        var answer = await SendAsync(upstream.Port, Request);

        Assert.EndsWith("\r\n\r\n3\r\nabc\r\n0\r\n\r\n", answer);
        var received = Assert.Single(upstream.Requests);
        Assert.True(received.IsComplete);
        Assert.Equal(Request, received.RawText);
        Assert.Equal("abc"u8.ToArray(), received.Body);
        Assert.Equal("1, 2", received.Header("X"));
    }

    [Fact]
    public async Task RequestsOnOneConnection_AreCountedAndToldApart()
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/raw", "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nhi");

        var answer = await SendAsync(
            upstream.Port, "GET /raw HTTP/1.1\r\nHost: a\r\n\r\nGET /raw HTTP/1.1\r\nHost: a\r\n\r\n");
        await upstream.WaitUntilAsync(self => self.OpenConnectionCount == 0, s_patience);

        Assert.Equal(string.Concat(Enumerable.Repeat("HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nhi", 2)), answer);
        Assert.Equal((1, 2), (upstream.ConnectionCount, upstream.RequestCount));
        Assert.All(upstream.Requests, request => Assert.Equal("GET /raw HTTP/1.1\r\nHost: a\r\n\r\n", request.RawText));
    }

    [Fact]
    public async Task Reset_BreaksTheConnection()
    {
        await using var upstream = FakeUpstream.Start();

        await Assert.ThrowsAsync<IOException>(
            () => SendAsync(upstream.Port, "GET /reset HTTP/1.1\r\nHost: a\r\n\r\n", halfCloses: false));
    }

    [Fact]
    public async Task Hang_LastsUntilTheClientLeaves()
    {
        await using var upstream = FakeUpstream.Start();

        var answer = await SendAsync(upstream.Port, "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("", answer);
        await upstream.WaitUntilAsync(self => self.OpenConnectionCount == 0, s_patience);
    }

    [Fact]
    public async Task UnixPath_IsServedAndRemoved()
    {
        var path = Path.Combine(Path.GetTempPath(), $"fake-{Guid.NewGuid():N}.sock");
        await using (var upstream = FakeUpstream.StartUnix(path))
        {
            Assert.Equal($"http+unix://{path}", upstream.Url);
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            var answer = await ExchangeAsync(client, "GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n", halfCloses: true);
            Assert.EndsWith("\r\n\r\na", answer);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task ConditionThatNeverHolds_TimesOut()
    {
        await using var upstream = FakeUpstream.Start();

        await Assert.ThrowsAsync<TimeoutException>(
            () => upstream.WaitUntilAsync(self => self.RequestCount > 0, TimeSpan.FromMilliseconds(20)));
    }

    /// <summary>A star stands for anything; the rest is the answer, byte by byte.</summary>
    private static void AssertMatches(string expected, string answer)
    {
        var pattern = string.Join(".*", expected.Split('*').Select(Regex.Escape));
        Assert.Matches(new Regex($@"\A{pattern}\z", RegexOptions.Singleline, s_patience), answer);
    }

    private static async Task<string> SendAsync(int port, string request, bool halfCloses = true)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, port);
        return await ExchangeAsync(client, request, halfCloses);
    }

    private static async Task<string> ExchangeAsync(Socket client, string request, bool halfCloses)
    {
        await using var stream = new NetworkStream(client);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        if (halfCloses)
            client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}

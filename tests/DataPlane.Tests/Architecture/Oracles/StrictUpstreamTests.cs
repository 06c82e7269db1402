using System.Net.Sockets;
using System.Text;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Architecture.Oracles;

/// <summary>An oracle that accepts everything proves nothing: each refusal is produced once.</summary>
public sealed class StrictUpstreamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static TheoryData<string, string> Refusals => new()
    {
        { "GET / HTTP/1.1\nHost: a\r\n\r\n", "bare LF" },
        { "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "bare CR" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n", "control byte 0x00" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", "obs-fold" },
        { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "field name is not a token" },
        { "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "field name is not a token" },
        { "GET / HTTP/1.1\r\n\r\n", "no Host" },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "more than one Host" },
        { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "bad Host" },
        { "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "request line is not three words" },
        { "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "method is not a token" },
        { "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", "target has a byte that is not allowed" },
        { "GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "target has none of the four forms" },
        { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "version" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", "Content-Length is not a plain number" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", "Content-Length is not a plain number" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "framing field twice" },
        {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length with Transfer-Encoding"
        },
        { Chunked("gzip, chunked", "0\r\n\r\n"), "Transfer-Encoding is not exactly chunked" },
        { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding in HTTP/1.0" },
        { Chunked("chunked", "0x1\r\na\r\n0\r\n\r\n"), "chunk size is not plain hexadecimal" },
        { Chunked("chunked", "1\na\r\n0\r\n\r\n"), "chunk line: bare LF" },
        { Chunked("chunked", "1\r\nab\r\n0\r\n\r\n"), "chunk data does not end in CRLF" },
        { Chunked("chunked", "0\r\nX: 1\n\r\n"), "trailer: bare LF" },
        { Chunked("chunked", "0\r\nContent-Length: 1\r\n\r\n"), "trailer: field for framing or routing" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task BytesThatAStrictReaderRefuses_AreAViolation(string bytes, string fault)
    {
        await using var upstream = StrictUpstream.Start();

        var answer = await SendAsync(upstream.Port, bytes, pieceBytes: bytes.Length);

        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.StartsWith(fault + ": ", Assert.Single(upstream.Violations));
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task GoodRequests_AreRecordedWholeHoweverTheyArrive(int pieceBytes)
    {
        string[] requests =
        [
            "GET /a?b=c HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Latin: \u00e9\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: [::1]:8080\r\nContent-Length: 3\r\n\r\n\r\n\n",
            Chunked("chunked", "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n"),
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        ];
        await using var upstream = StrictUpstream.Start();

        var answer = await SendAsync(upstream.Port, string.Concat(requests), pieceBytes);

        Assert.Empty(upstream.Violations);
        Assert.Equal(string.Concat(requests), Encoding.Latin1.GetString([.. upstream.Requests.SelectMany(one => one)]));
        Assert.Equal(requests.Length, upstream.Requests.Count);
        Assert.Equal(requests.Length, answer.Split("HTTP/1.1 200 OK").Length - 1);
    }

    [Fact]
    public async Task RequestThatEndsEarly_IsUnfinishedAndNoViolation()
    {
        await using var upstream = StrictUpstream.Start();

        await SendAsync(upstream.Port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", pieceBytes: 100);
        await upstream.WaitUntilAsync(self => self.OpenConnectionCount == 0, s_patience);

        Assert.EndsWith("half", Encoding.Latin1.GetString(Assert.Single(upstream.Unfinished)));
        Assert.Empty(upstream.Violations);
    }

    private static string Chunked(string coding, string body) =>
        $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n{body}";

    /// <summary>Sends, half-closes, and returns everything that came back.</summary>
    private static async Task<string> SendAsync(int port, string bytes, int pieceBytes)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        foreach (var piece in Encoding.Latin1.GetBytes(bytes).Chunk(pieceBytes))
            await stream.WriteAsync(piece);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}

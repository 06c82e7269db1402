using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;
using DataPlane.Tests.Http;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// HTTP/2 at the running gateway: frames out of order and out of shape, and fields made to become lines of HTTP/1.1.
/// Whatever comes of it, the upstream sees whole requests without a line of the client's own, and nothing is logged.
/// </summary>
public sealed class Http2FuzzTests
{
    private const string Marker = "x-smuggled";

    private static readonly string[] s_pieces =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", "/", "?", "#", "@", "a", "A", "x", "-", "_", "%0d%0a", "\u007f",
        "\u0080", "\u00ff", "http", "HTTP/1.1", "chunked", "1", "0", "gw.test", Marker + ": 1", "\r\n" + Marker + ": 1",
        "\r\n\r\nGET /" + Marker + " HTTP/1.1\r\nHost: a\r\n\r\n",
    ];

    private static readonly string[] s_names =
    [
        ":method", ":path", ":scheme", ":authority", "host", "content-length", "transfer-encoding", "connection", "te",
        "cookie", "x-a", "upgrade", "expect", "x-forwarded-for", "", ":", ":status", "trailer",
    ];

    private static readonly Mutation s_frames = new(
        Text(new Frame(Frame.Data, Frame.EndStream, 1, [])), Text(new Frame(Frame.Data, 0, 3, [1, 2, 3])),
        Text(new Frame(Frame.Headers, Frame.EndHeaders, 5, [0x82, 0x86, 0x84])),
        Text(new Frame(Frame.Headers, 0, 7, [])), Text(new Frame(Frame.Continuation, 0, 1, [0])),
        Text(new Frame(Frame.Continuation, Frame.EndHeaders, 7, [0x82])),
        Text(new Frame(Frame.Reset, 0, 1, [0, 0, 0, 8])), Text(new Frame(Frame.Ping, 0, 0, new byte[8])),
        Text(new Frame(Frame.Settings, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff])),
        Text(new Frame(Frame.Settings, 0, 0, [1])),
        Text(new Frame(Frame.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff])),
        Text(new Frame(Frame.WindowUpdate, 0, 1, [0, 0, 0, 0])), Text(new Frame(Frame.Priority, 0, 1, [0, 0, 0, 1, 0])),
        Text(new Frame(Frame.PushPromise, 0, 1, [0, 0, 0, 2])), Text(new Frame(Frame.GoAway, 0, 0, new byte[8])),
        "\0\0\0", "\u00ff\u00ff\u00ff", "\0\0\u0001\0\0\0\0\0\u0001\u00ff");

    private static readonly byte[][] s_conversations =
    [
        Of(Headers(1, ends: true, Http2Client.Request("GET", "/x"))),
        [
            .. Of(Headers(1, ends: false, Http2Client.Request("POST", "/x", ("content-length", "5")))),
            .. Of(new Frame(Frame.Data, Frame.EndStream, 1, "hello"u8.ToArray())),
            .. Of(Headers(3, ends: true, Http2Client.Request("GET", "/mock"))),
        ],
        [
            .. Of(new Frame(Frame.Headers, Frame.EndStream, 1, Hpack.Write(Http2Client.Request("GET", "/x")))),
            .. Of(new Frame(Frame.Continuation, Frame.EndHeaders, 1, Hpack.Write(("a", "b")))),
            .. Of(new Frame(Frame.WindowUpdate, 0, 0, [0, 0, 1, 0])),
        ],
    ];

    [Theory]
    [SocketWire]
    public async Task MutatedFrames_BreakNothing(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await FuzzRun.CheckAsync(s_conversations, s_frames, async (bytes, _) =>
        {
            await using var client = await Http2Client.ConnectAsync(gateway);
            await TellAsync(client, bytes);
            Assert.Empty(upstream.Violations);
        });
        await using var last = await Http2Client.ConnectAsync(gateway);
        Assert.Equal("mocked", (await last.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire]
    public async Task MutatedFields_WriteNoLine(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using (var clean = await Http2Client.ConnectAsync(gateway))
            Assert.Equal(200, (await clean.GetAsync("/x")).Status);
        await FuzzRun.CheckAsync(s_conversations, s_frames, async (_, random) =>
        {
            var fields = Http2Client.Request("POST", "/x").ToList();
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                string name = random.Next(3) == 0 ? Piece(random) : s_names[random.Next(s_names.Length)];
                var field = (name, string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Piece(random))));
                if (random.Next(2) == 0) fields.Insert(random.Next(fields.Count + 1), field);
                else fields[random.Next(fields.Count)] = field;
            }
            await using var client = await Http2Client.ConnectAsync(gateway);
            await TellAsync(
                client,
                [.. Of(Headers(1, ends: false, [.. fields])), .. Of(new Frame(Frame.Data, Frame.EndStream, 1, [1]))]);
            Assert.Empty(upstream.Violations);
        });
        Assert.NotEmpty(upstream.Requests);
        Assert.DoesNotContain(upstream.Requests, each => Lines(each).Any(line =>
            line.StartsWith(Marker, StringComparison.Ordinal) || line.StartsWith("GET /" + Marker)));
    }

    /// <summary>Sends the bytes and FIN, and reads until the gateway is done with the connection.</summary>
    private static async Task TellAsync(Http2Client client, byte[] bytes)
    {
        try
        {
            await client.Peer.SendAsync(bytes);
            await client.Peer.HalfCloseAsync();
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            // Refused and closed while the rest was still being sent.
        }
        await client.Peer.ReadToEndAsync();
    }

    private static string Piece(Random random) => s_pieces[random.Next(s_pieces.Length)];

    private static string[] Lines(byte[] request) =>
        Encoding.Latin1.GetString(request).Split("\r\n\r\n")[0].Split("\r\n");

    private static Frame Headers(int stream, bool ends, (string Name, string Value)[] fields) =>
        new(Frame.Headers, (byte)(Frame.EndHeaders | (ends ? Frame.EndStream : 0)), stream, Hpack.Write(fields));

    private static byte[] Of(Frame frame) => frame.ToBytes();

    private static string Text(Frame frame) => Latin1.Text(frame.ToBytes());
}

using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;
using DataPlane.Tests.Http;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// HTTP/2 upstreams that answer with frames out of order and out of shape: whatever comes, the client gets one answer
/// and no line of the upstream's own making, the next exchange works, and nothing is logged.
/// </summary>
public sealed class Http2UpstreamFuzzTests
{
    private const string Marker = "x-smuggled";

    private static readonly Mutation s_frames = new(
        Text(new Frame(Frame.Data, Frame.EndStream, 1, [])), Text(new Frame(Frame.Data, 0, 1, [1, 2, 3])),
        Text(new Frame(Frame.Headers, Frame.EndHeaders, 1, [0x88])), Text(new Frame(Frame.Headers, 0, 1, [])),
        Text(new Frame(Frame.Continuation, Frame.EndHeaders, 1, [0x88])),
        Text(new Frame(Frame.Headers, 5, 1, Hpack.Write((":status", "200"), ("x-a", "b\r\n" + Marker + ": 1")))),
        Text(new Frame(Frame.Headers, 5, 1, Hpack.Write((Marker + ": 1\r\na", "b")))),
        Text(new Frame(Frame.Reset, 0, 1, [0, 0, 0, 7])), Text(new Frame(Frame.Reset, 0, 1, [0, 0, 0, 0])),
        Text(new Frame(Frame.Ping, 0, 0, new byte[8])), Text(new Frame(Frame.Settings, 0, 0, [0, 3, 0, 0, 0, 0])),
        Text(new Frame(Frame.Settings, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff])),
        Text(new Frame(Frame.WindowUpdate, 0, 1, [0, 0, 0, 0])), Text(new Frame(Frame.GoAway, 0, 0, new byte[8])),
        Text(new Frame(Frame.GoAway, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0])),
        Text(new Frame(Frame.PushPromise, 0, 1, [0, 0, 0, 2])), "\0\0\0", "\u00ff\u00ff\u00ff", "\u0088", "\u00be",
        "\u0040\u0001a\u0001b");

    private static readonly byte[][] s_answers =
    [
        [.. Of(new Frame(Frame.Headers, 5, 1, Hpack.Write((":status", "200"), ("content-length", "0"))))],
        [
            .. Of(new Frame(Frame.Headers, 4, 1, Hpack.Write((":status", "103"), ("link", "</a>")))),
            .. Of(new Frame(Frame.Headers, 0, 1, [0x88])),
            .. Of(new Frame(Frame.Continuation, 4, 1, Hpack.Write(("content-type", "application/grpc")))),
            .. Of(new Frame(Frame.Data, 8, 1, [2, .. "hello"u8, 0, 0])),
            .. Of(new Frame(Frame.Headers, 5, 1, Hpack.Write(("grpc-status", "0")))),
        ],
    ];

    [Fact]
    public async Task MutatedAnswers_BreakNothing()
    {
        await using var gateway = TestGateway.Create(Wire.Epoll);
        var listener = gateway.Listen();
        await gateway.StartAsync(
            $$"""
            upstreams:
              up:
                protocol: http2
                endpoints: [ "{{listener.Url}}" ]
                connections: { max: 1 }
                retries: { attempts: 0 }
            routes:
              - { match: { path: / }, timeout: 1s, to: { upstream: up } }
              - { match: { path: /mock }, to: { mock: { body: mocked } } }
            """);
        await FuzzRun.CheckAsync(s_answers, s_frames, async (bytes, _) =>
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            var serving = ServeAsync(listener, bytes);
            string said = await client.ReadToEndAsync();
            if (said.Length > 0) Assert.StartsWith("HTTP/1.1 ", said, StringComparison.Ordinal);
            Assert.DoesNotContain("\n" + Marker, said, StringComparison.OrdinalIgnoreCase);
            await serving;
        });
        Assert.Equal("mocked", (await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    /// <summary>
    /// Each on a connection of its own, which it ends: an answer that is none must not wait for its time.
    /// </summary>
    private static async Task ServeAsync(PeerListener listener, byte[] answer)
    {
        try
        {
            var upstream = await RawHttp2Peer.AcceptAsync(listener);
            await upstream.NextAsync(Frame.Headers);
            await upstream.SendRawAsync(answer);
            await upstream.CloseAsync();
        }
        catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException)
        {
            // The gateway was faster.
        }
    }

    private static string Text(Frame frame) => Latin1.Text(frame.ToBytes());

    private static byte[] Of(Frame frame) => frame.ToBytes();
}

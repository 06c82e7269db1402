using System.Text;
using DataPlane.Lambda.EventStreams;
using DataPlane.Lambda.Hosting;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda.Remote;

/// <summary>Answers that come as an event stream.</summary>
public sealed class RemoteStreamTests
{
    private const string Keys = "credentials: none, response: streaming";
    private const string Head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [SocketWire(1)]
    [SocketWire(7)]
    [SocketWire(1000)]
    public async Task Prelude_IsTheHeadAndPiecesAreTheBody(Wire wire, int size)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(RemoteFunctionTests.Yaml(service.Url, Keys, "\"2.0\""));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var peer = await service.AcceptAsync();
        Assert.Equal("POST /2021-11-15/functions/f/response-streaming-invocations HTTP/1.1",
            (await peer.ReadRequestAsync()).StatusLine);
        const string Prelude = """{"statusCode":206,"headers":{"x-a":"1"},"cookies":["c=d"]}""";
        byte[] stream = Stream("{}", Prelude + new string('\0', 8), "one,", "two");
        await peer.SendAsync(Head);
        foreach (byte[] piece in stream.Chunk(size)) await peer.SendAsync(Chunk(piece));
        await peer.SendAsync("0\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal((206, "1", "c=d", "one,two"),
            (response.Status, response.Field("X-A"), response.Field("Set-Cookie"), response.Text));
        // The connection carries the next one.
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await peer.ReadRequestAsync();
        await peer.SendAsync(Head);
        await peer.SendAsync(Chunk(Stream("{}", "{}" + new string('\0', 8), "again")));
        await peer.SendAsync("0\r\n\r\n");
        Assert.Equal("again", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [SocketWire]
    public async Task RawPieces_ArePassedOnAtOnce(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var stream = await BeginAsync(gateway, "first");
        var (client, peer) = stream;
        Assert.EndsWith("\r\n5\r\nfirst\r\n", await client.ReadUntilAsync("first\r\n"), StringComparison.Ordinal);
        await peer.SendAsync(Chunk(Stream("{}", "second")));
        await peer.SendAsync("0\r\n\r\n");
        Assert.Equal("6\r\nsecond\r\n0\r\n\r\n", await client.ReadUntilAsync("0\r\n\r\n"));
    }

    [Theory]
    [SocketWire("""{"ErrorCode":"Function.Error","ErrorDetails":"no"}""", false)]
    [SocketWire("{}", true)]
    public async Task FailureOnTheWay_BreaksTheResponseOff(Wire wire, string complete, bool breaks)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var stream = await BeginAsync(gateway, "half");
        var (client, peer) = stream;
        await client.ReadUntilAsync("half\r\n");
        byte[] rest = Stream(complete);
        if (breaks) rest[^1] ^= 1;
        // At once: a broken stream is left as soon as it is seen to be one.
        byte[] last = [.. Chunk(rest), .. "0\r\n\r\n"u8];
        await peer.SendAsync(last);
        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task StreamWithoutItsEnd_BreaksTheResponseOff(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var stream = await BeginAsync(gateway, "half");
        var (client, peer) = stream;
        await peer.SendAsync("0\r\n\r\n");
        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatLeaves_EndsTheStream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var stream = await BeginAsync(gateway, "half");
        var (client, peer) = stream;
        await client.ReadUntilAsync("half\r\n");
        await client.ResetAsync();
        Assert.Equal("", await peer.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task AnswerWithoutPrelude_IsNoResponse(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(RemoteFunctionTests.Yaml(service.Url, Keys, "rest"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var peer = await service.AcceptAsync();
        await peer.ReadRequestAsync();
        await peer.SendAsync(Head);
        await peer.SendAsync(Chunk(Stream("{}", "just text")));
        await peer.SendAsync("0\r\n\r\n");
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
    }

    /// <summary>A request for a stream, and the first piece of its answer.</summary>
    private static async Task<BegunStream> BeginAsync(TestGateway gateway, string piece)
    {
        var service = gateway.Listen();
        await gateway.StartAsync(RemoteFunctionTests.Yaml(service.Url, Keys));
        var client = await gateway.ConnectAsync();
        await client.SendAsync(RemoteFunctionTests.Post("{}"));
        var peer = await service.AcceptAsync();
        await peer.ReadRequestAsync();
        await peer.SendAsync(Head);
        await peer.SendAsync(Chunk(Pieces(piece)));
        return new BegunStream(client, peer);
    }

    private static byte[] Pieces(params string[] pieces)
    {
        var written = new PayloadBuffer();
        foreach (string piece in pieces) EventStreamWriter.WriteChunk(written, Encoding.UTF8.GetBytes(piece));
        return written.Span.ToArray();
    }

    private static byte[] Stream(string complete, params string[] pieces)
    {
        var written = new PayloadBuffer();
        written.Append(Pieces(pieces));
        EventStreamWriter.WriteComplete(written, Encoding.UTF8.GetBytes(complete));
        return written.Span.ToArray();
    }

    private static byte[] Chunk(byte[] bytes) =>
        [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, (byte)'\r', (byte)'\n'];

    private sealed record BegunStream(RawPeer Client, RawPeer Peer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Peer.DisposeAsync();
            await Client.DisposeAsync();
        }
    }
}

using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// An HTTP/2 client that sends the frames a test wants, right or wrong, and understands just enough of those that come
/// back. One user at a time.
/// </summary>
internal sealed class Http2Client(RawPeer peer) : IAsyncDisposable
{
    public const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly Hpack _hpack = new();
    private readonly Queue<Frame> _kept = new();
    private int _nextStream = 1;

    public RawPeer Peer => peer;

    /// <summary>The error code of the last GOAWAY; null before one.</summary>
    public int? GoAwayCode { get; private set; }

    public static async Task<Http2Client> ConnectAsync(TestGateway gateway, params (int Key, int Value)[] settings)
    {
        var client = new Http2Client(await gateway.ConnectAsync());
        byte[] payload = settings
            .SelectMany(each => new[] { (byte)(each.Key >> 8), (byte)each.Key }.Concat(Frame.Bytes(each.Value)))
            .ToArray();
        await client.Peer.SendAsync(
            (byte[])[.. Encoding.ASCII.GetBytes(Preface), .. new Frame(Frame.Settings, 0, 0, payload).ToBytes()]);
        return client;
    }

    public ValueTask DisposeAsync() => peer.DisposeAsync();

    public static (string Name, string Value)[] Request(
        string method, string path, params (string Name, string Value)[] more) =>
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "gw.test"), .. more];

    public Task SendAsync(byte type, byte flags, int stream, params byte[] payload) =>
        peer.SendAsync(new Frame(type, flags, stream, payload).ToBytes());

    /// <summary>Opens a stream with these fields; its number.</summary>
    public async Task<int> OpenAsync((string Name, string Value)[] fields, bool ends = true)
    {
        int stream = _nextStream;
        _nextStream += 2;
        byte flags = (byte)(Frame.EndHeaders | (ends ? Frame.EndStream : 0));
        await SendAsync(Frame.Headers, flags, stream, Hpack.Write(fields));
        return stream;
    }

    /// <summary>A head whose block is given as it goes out, on a new stream that it ends.</summary>
    public Task HeadAsync(byte[] block)
    {
        int stream = _nextStream;
        _nextStream += 2;
        return SendAsync(Frame.Headers, Frame.EndHeaders | Frame.EndStream, stream, block);
    }

    public Task DataAsync(int stream, string text, bool ends = true) =>
        SendAsync(Frame.Data, ends ? Frame.EndStream : (byte)0, stream, Encoding.Latin1.GetBytes(text));

    public async Task<Http2Response> GetAsync(string path, params (string Name, string Value)[] more) =>
        await ReadResponseAsync(await OpenAsync(Request("GET", path, more)));

    /// <summary>The next frame; SETTINGS are acknowledged on the way. Null at the end of the connection.</summary>
    public async Task<Frame?> ReadFrameAsync()
    {
        while (await Frame.TryReadAsync(peer) is { } frame)
        {
            if (frame.Type == Frame.Headers) frame = frame with { Fields = _hpack.Read(frame.Payload) };
            if (frame.Type == Frame.GoAway) GoAwayCode = frame.NumberAt(4);
            if (frame.Type != Frame.Settings) return frame;
            if ((frame.Flags & Frame.Ack) != 0) continue;
            try
            {
                await SendAsync(Frame.Settings, Frame.Ack, 0);
            }
            catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException)
            {
                // Gone already: what it has sent can still be read.
            }
        }
        return null;
    }

    /// <summary>Everything on a stream until it ends; frames of other streams are kept for theirs.</summary>
    public async Task<Http2Response> ReadResponseAsync(int stream)
    {
        var fields = new List<(string Name, string Value)>();
        var trailers = new List<(string Name, string Value)>();
        using var body = new MemoryStream();
        while (await NextOfAsync(stream) is { } frame)
        {
            if (frame.Type == Frame.Reset) return new Http2Response(fields, body.ToArray(), trailers, frame.Number);
            if (frame.Type == Frame.Data) body.Write(frame.Payload);
            if (frame.Type == Frame.Headers)
            {
                bool isInterim = frame.Fields is [(":status", ['1', ..]), ..];
                if (!isInterim) (fields.Count == 0 ? fields : trailers).AddRange(frame.Fields);
            }
            if (frame.EndsStream) return new Http2Response(fields, body.ToArray(), trailers, ResetCode: null);
        }
        throw new EndOfStreamException($"No end of stream {stream}, GOAWAY {GoAwayCode}.");
    }

    /// <summary>Reads until the connection ends; the code of the last GOAWAY.</summary>
    public async Task<int?> ReadToEndAsync()
    {
        while (await ReadFrameAsync() is not null)
        {
        }
        return GoAwayCode;
    }

    /// <summary>The next frame of that type, whatever stream it is on.</summary>
    public async Task<Frame> NextAsync(byte type)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Type == type) return frame;
        }
        throw new EndOfStreamException($"No frame of type {type}, GOAWAY {GoAwayCode}.");
    }

    /// <summary>The next fields, whatever stream they are on.</summary>
    public async Task<List<(string Name, string Value)>> NextFieldsAsync() =>
        _hpack.Read((await NextAsync(Frame.Headers)).Payload);

    private async Task<Frame?> NextOfAsync(int stream)
    {
        for (int left = _kept.Count; left > 0; left--)
        {
            var kept = _kept.Dequeue();
            if (kept.Stream == stream) return kept;
            _kept.Enqueue(kept);
        }
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Stream == stream) return frame;
            if (frame.Stream != 0) _kept.Enqueue(frame);
        }
        return null;
    }
}

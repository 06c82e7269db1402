using System.Security.Cryptography;
using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>A client and an upstream that the test plays, on the two ends of a tunnel or on the way to one.</summary>
internal sealed record TunnelPair(RawPeer Client, RawPeer Upstream) : IAsyncDisposable
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    /// <summary>Of the key above, as RFC 6455 1.3 works it out.</summary>
    public const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    public const string Switching =
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        $"Sec-WebSocket-Accept: {Accept}\r\n\r\n";

    /// <summary>A good handshake, with <paramref name="more"/> fields.</summary>
    public static string Request(string more = "", string path = "/chat") =>
        $"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n";

    /// <summary>Sends the request; the upstream has read it when this returns.</summary>
    public static async Task<TunnelPair> AskAsync(TestGateway gateway, PeerListener listener, string request)
    {
        var client = await gateway.ConnectAsync();
        await client.SendAsync(request);
        var upstream = gateway.Own(await listener.AcceptAsync());
        await upstream.ReadHeadAsync();
        return new TunnelPair(client, upstream);
    }

    public static async Task<TunnelPair> OpenAsync(TestGateway gateway, PeerListener listener)
    {
        var pair = await AskAsync(gateway, listener, Request());
        await pair.Upstream.SendAsync(Switching);
        Assert.StartsWith("HTTP/1.1 101 ", await pair.Client.ReadHeadAsync(), StringComparison.Ordinal);
        return pair;
    }

    /// <summary>A frame as RFC 6455 5.2 has it; masked as a client's when <paramref name="mask"/> is given.</summary>
    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, uint? mask = null, bool isLast = true)
    {
        using var frame = new MemoryStream();
        frame.WriteByte((byte)((isLast ? 0x80 : 0) | opcode));
        int bit = mask is null ? 0 : 0x80;
        if (payload.Length < 126)
        {
            frame.WriteByte((byte)(bit | payload.Length));
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame.Write([(byte)(bit | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        }
        else
        {
            frame.WriteByte((byte)(bit | 127));
            for (int shift = 56; shift >= 0; shift -= 8) frame.WriteByte((byte)((long)payload.Length >> shift));
        }
        byte[] body = payload.ToArray();
        if (mask is { } key)
        {
            byte[] keyBytes = [(byte)(key >> 24), (byte)(key >> 16), (byte)(key >> 8), (byte)key];
            frame.Write(keyBytes);
            for (int at = 0; at < body.Length; at++) body[at] ^= keyBytes[at % 4];
        }
        frame.Write(body);
        return frame.ToArray();
    }

    public static byte[] Text(string text) => Frame(1, Encoding.UTF8.GetBytes(text));

    public static byte[] MaskedText(string text) => Frame(1, Encoding.UTF8.GetBytes(text), mask: 0x12345678);

    /// <summary>Reads one short frame and answers its opcode and payload, unmasked.</summary>
    public static async Task<(int Opcode, byte[] Payload)> ReadFrameAsync(RawPeer peer)
    {
        byte[] header = await peer.ReadExactlyAsync(2);
        long length = header[1] & 0x7f;
        if (length >= 126)
        {
            length = 0;
            foreach (byte b in await peer.ReadExactlyAsync((header[1] & 0x7f) == 126 ? 2 : 8)) length = length << 8 | b;
        }
        byte[] mask = header[1] >= 0x80 ? await peer.ReadExactlyAsync(4) : [0, 0, 0, 0];
        byte[] payload = await peer.ReadExactlyAsync((int)length);
        for (int at = 0; at < payload.Length; at++) payload[at] ^= mask[at % 4];
        return (header[0] & 0x0f, payload);
    }

    /// <summary>Reads a Close frame and answers its code.</summary>
    public static async Task<int> ReadCloseAsync(RawPeer peer)
    {
        var (opcode, payload) = await ReadFrameAsync(peer);
        Assert.Equal(8, opcode);
        return payload[0] << 8 | payload[1];
    }

    public static byte[] Close(int code, uint? mask = null) => Frame(8, [(byte)(code >> 8), (byte)code], mask);

    /// <summary>Sec-WebSocket-Accept, worked out by the tests' own hand.</summary>
    public static string AcceptOf(string key) => Convert.ToBase64String(
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    public async Task AssertEchoAsync(string text = "hello")
    {
        byte[] up = MaskedText(text);
        await Client.SendAsync(up);
        Assert.Equal(up, await Upstream.ReadExactlyAsync(up.Length));
        byte[] down = Text(text);
        await Upstream.SendAsync(down);
        Assert.Equal(down, await Client.ReadExactlyAsync(down.Length));
    }

    /// <summary>Both ends close as they should, and the gateway follows.</summary>
    public async Task CloseAsync()
    {
        await Client.HalfCloseAsync();
        await Upstream.ReadToEndAsync();
        await Upstream.HalfCloseAsync();
        await Client.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}

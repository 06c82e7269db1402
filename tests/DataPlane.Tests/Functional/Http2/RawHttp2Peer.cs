using System.Buffers.Binary;
using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>An HTTP/2 upstream frame by frame, for what no good server does. Knows as much as the tests need.</summary>
internal sealed class RawHttp2Peer(RawPeer peer)
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Goaway = 7;
    public const byte Ping = 6;

    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private const int PrefaceBytes = 24;
    private const int FrameHeadBytes = 9;

    /// <summary>Takes the client's preface and sends <paramref name="settings"/>, six bytes each.</summary>
    public static async Task<RawHttp2Peer> AcceptAsync(PeerListener listener, params byte[] settings)
    {
        var peer = await listener.AcceptAsync();
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), await peer.ReadExactlyAsync(PrefaceBytes));
        var raw = new RawHttp2Peer(peer);
        await raw.SendAsync(Settings, 0, 0, settings);
        return raw;
    }

    public Task SendAsync(byte type, byte flags, int stream, params byte[] payload)
    {
        byte[] frame = new byte[FrameHeadBytes + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, FrameHeadBytes);
        return peer.SendAsync(frame);
    }

    /// <summary>:status 200, and fields as literals without indexing.</summary>
    public Task AnswerAsync(int stream, params (string Name, string Value)[] fields)
    {
        var block = new List<byte> { 0x88 };
        foreach (var (name, value) in fields)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.Latin1.GetBytes(name)]);
            block.AddRange([(byte)value.Length, .. Encoding.Latin1.GetBytes(value)]);
        }
        return SendAsync(Headers, EndStream | EndHeaders, stream, [.. block]);
    }

    public Task SendAsync(IEnumerable<Frame> frames) =>
        peer.SendAsync((byte[])[.. frames.SelectMany(frame => frame.ToBytes())]);

    public Task SendRawAsync(byte[] bytes) => peer.SendAsync(bytes);

    /// <summary>The next frame, whatever it is; answers what has to be answered. Null at the end.</summary>
    public async Task<Frame?> TryReadAsync()
    {
        byte[] head;
        byte[] payload;
        try
        {
            head = await peer.ReadExactlyAsync(FrameHeadBytes);
            payload = await peer.ReadExactlyAsync((head[0] << 16) | (head[1] << 8) | head[2]);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        return new Frame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }

    /// <summary>The next frame of that type; fails at the end of the connection.</summary>
    public async Task<Frame> NextAsync(byte wanted)
    {
        while (await TryReadAsync() is { } frame)
        {
            if (frame.Type == wanted) return frame;
        }
        throw new EndOfStreamException($"No frame of type {wanted}.");
    }

    /// <summary>The next frame of that type, with its stream; answers what has to be answered on the way.</summary>
    public async Task<(int Stream, byte[] Payload)> ReadAsync(byte wanted)
    {
        while (true)
        {
            byte[] head = await peer.ReadExactlyAsync(FrameHeadBytes);
            byte[] payload = await peer.ReadExactlyAsync((head[0] << 16) | (head[1] << 8) | head[2]);
            int stream = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
            if (head[3] == wanted) return (stream, payload);
            bool isAsked = head[3] is Settings or Ping && (head[4] & Ack) == 0;
            if (isAsked) await SendAsync(head[3], Ack, 0, head[3] == Ping ? payload : []);
        }
    }

    public ValueTask CloseAsync() => peer.DisposeAsync();
}

using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>An HTTP/2 upstream frame by frame, for what no good server does. Knows as much as the tests need.</summary>
internal sealed class RawHttp2Peer(RawPeer peer)
{
    private const int PrefaceBytes = 24;

    /// <summary>Takes the client's preface and sends <paramref name="settings"/>, six bytes each.</summary>
    public static async Task<RawHttp2Peer> AcceptAsync(PeerListener listener, params byte[] settings)
    {
        var peer = await listener.AcceptAsync();
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), await peer.ReadExactlyAsync(PrefaceBytes));
        var raw = new RawHttp2Peer(peer);
        await raw.SendAsync(Frame.Settings, 0, 0, settings);
        return raw;
    }

    public Task SendAsync(byte type, byte flags, int stream, params byte[] payload) =>
        peer.SendAsync(new Frame(type, flags, stream, payload).ToBytes());

    /// <summary>:status 200, and fields as literals without indexing.</summary>
    public Task AnswerAsync(int stream, params (string Name, string Value)[] fields)
    {
        var block = new List<byte> { 0x88 };
        foreach (var (name, value) in fields)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.Latin1.GetBytes(name)]);
            block.AddRange([(byte)value.Length, .. Encoding.Latin1.GetBytes(value)]);
        }
        return SendAsync(Frame.Headers, Frame.EndStream | Frame.EndHeaders, stream, [.. block]);
    }

    public Task SendAsync(IEnumerable<Frame> frames) =>
        peer.SendAsync((byte[])[.. frames.SelectMany(frame => frame.ToBytes())]);

    public Task SendRawAsync(byte[] bytes) => peer.SendAsync(bytes);

    /// <summary>The next frame, whatever it is. Null at the end.</summary>
    public Task<Frame?> TryReadAsync() => Frame.TryReadAsync(peer);

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
        while (await TryReadAsync() is { } frame)
        {
            if (frame.Type == wanted) return (frame.Stream, frame.Payload);
            bool isAsked = frame.Type is Frame.Settings or Frame.Ping && (frame.Flags & Frame.Ack) == 0;
            if (isAsked) await SendAsync(frame.Type, Frame.Ack, 0, frame.Type == Frame.Ping ? frame.Payload : []);
        }
        throw new EndOfStreamException($"No frame of type {wanted}.");
    }

    public ValueTask CloseAsync() => peer.DisposeAsync();
}

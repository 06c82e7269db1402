using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using DataPlane.Http.Http2;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// The client of one case: sends its frames, reads all that comes back, and keeps a list of it for the message of a
/// case that fails. With <paramref name="joins"/> the frames of a step go out in one piece, otherwise one by one.
/// </summary>
internal sealed class ConformancePeer(RawPeer peer, bool joins) : IAsyncDisposable
{
    private readonly Hpack _hpack = new();
    private readonly List<string> _seen = [];
    private readonly Dictionary<Http2Setting, uint> _settings = [];

    public RawPeer Raw => peer;

    /// <summary>GOAWAY was read, or the end of the connection.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Of the last frame sent that had one.</summary>
    public int LastStream { get; private set; }

    public int MaxFrameBytes => (int)_settings.GetValueOrDefault(Http2Setting.MaxFrameSize, 16_384u);

    public int MaxTableBytes => (int)_settings.GetValueOrDefault(Http2Setting.HeaderTableSize, 4096u);

    /// <summary>The gateway always tells one.</summary>
    public int MaxStreams => (int)_settings[Http2Setting.MaxConcurrentStreams];

    public ValueTask DisposeAsync() => peer.DisposeAsync();

    public Task PrefaceAsync() =>
        WriteAsync([.. Encoding.ASCII.GetBytes(Http2Client.Preface), .. Frames.Window(65_535).ToBytes()]);

    /// <summary>Both sides have told their settings and acknowledged the other's.</summary>
    public async Task HandshakeAsync()
    {
        await PrefaceAsync();
        await UntilAsync("SETTINGS", frame => frame.Type == Frame.Settings && frame.Flags == 0);
        await UntilAsync("ACK of SETTINGS", frame => frame.Type == Frame.Settings && frame.Flags == Frame.Ack);
    }

    public async Task SendAsync(params Frame[] frames)
    {
        LastStream = frames.LastOrDefault(frame => frame.Stream != 0)?.Stream ?? LastStream;
        if (joins)
        {
            await WriteAsync([.. frames.SelectMany(frame => frame.ToBytes())]);
            return;
        }
        foreach (var frame in frames) await WriteAsync(frame.ToBytes());
    }

    /// <summary>The next frame; settings are acknowledged. Null at the end of the connection.</summary>
    public async Task<Frame?> ReadAsync()
    {
        if (await Frame.TryReadAsync(peer) is not { } frame)
        {
            IsEnding = true;
            _seen.Add(peer.WasReset ? "a reset of the connection" : "the end of the connection");
            return null;
        }
        if (frame.Type == Frame.Headers) frame = frame with { Fields = _hpack.Read(frame.Payload) };
        if (frame.Type == Frame.Settings && frame.Flags == 0) await TakeSettingsAsync(frame.Payload);
        IsEnding |= frame.Type == Frame.GoAway;
        _seen.Add(Describe(frame));
        return frame;
    }

    /// <summary>The first frame that is meant; an error that comes before it is a failure.</summary>
    public async Task<Frame> UntilAsync(string wanted, Func<Frame, bool> isMeant)
    {
        while (await ReadAsync() is { } frame)
        {
            if (isMeant(frame)) return frame;
            bool isError = frame.Type == Frame.GoAway
                || (frame.Type == Frame.Reset && CodeOf(frame) != Http2ErrorCode.NoError);
            if (isError) break;
        }
        throw Miss(wanted);
    }

    /// <summary>Of RST_STREAM or GOAWAY.</summary>
    public static Http2ErrorCode CodeOf(Frame frame) =>
        (Http2ErrorCode)frame.NumberAt(frame.Type == Frame.GoAway ? 4 : 0);

    public Exception Miss(string wanted) =>
        new Xunit.Sdk.XunitException($"Wanted {wanted}; came {string.Join(", ", _seen)}.");

    private async Task TakeSettingsAsync(byte[] payload)
    {
        for (int at = 0; at < payload.Length; at += 6)
        {
            var key = (Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at));
            _settings[key] = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2));
        }
        await WriteAsync(new Frame(Frame.Settings, Frame.Ack, 0, []).ToBytes());
    }

    /// <summary>A connection that ends while we write has sent something that tells why.</summary>
    private async Task WriteAsync(byte[] bytes)
    {
        try
        {
            await peer.SendAsync(bytes);
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            _seen.Add("a write that failed");
        }
    }

    private static string Describe(Frame frame) => frame.Type switch
    {
        Frame.Reset => $"RST_STREAM {CodeOf(frame)} on {frame.Stream}",
        Frame.GoAway => $"GOAWAY {CodeOf(frame)}",
        Frame.Headers => $"HEADERS {frame.Fields.FirstOrDefault().Value} on {frame.Stream}",
        Frame.Data => $"DATA of {frame.Payload.Length} on {frame.Stream}",
        _ => $"type {frame.Type} flags {frame.Flags} on {frame.Stream}",
    };
}

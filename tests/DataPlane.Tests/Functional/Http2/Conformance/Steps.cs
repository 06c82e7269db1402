using System.Text;
using DataPlane.Http.Http2;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// What cases are made of. Where the RFC asks for a stream error the end of the connection with the same code will do
/// (5.4.1); nothing else does, and a connection that is not to end must still answer when the case is over.
/// </summary>
internal static class Steps
{
    public static Step Send(params Frame[] frames) => peer => peer.SendAsync(frames);

    /// <summary>What depends on the settings that the gateway has told.</summary>
    public static Step Send(Func<ConformancePeer, Frame[]> frames) => peer => peer.SendAsync(frames(peer));

    public static Step SendRaw(string text) => peer => peer.Raw.SendAsync(text);

    /// <summary>The preface and SETTINGS.</summary>
    public static Step SendPreface() => peer => peer.PrefaceAsync();

    /// <summary>The very first frame of the gateway.</summary>
    public static Step GetSettingsFirst() => async peer =>
    {
        var first = await peer.ReadAsync();
        if (first is not { Type: Frame.Settings, Flags: 0 }) throw peer.Miss("SETTINGS before anything else");
    };

    public static Step GetSettingsAck() => peer =>
        peer.UntilAsync("ACK of SETTINGS", frame => frame.Type == Frame.Settings && frame.Flags == Frame.Ack);

    /// <summary>The head of a good answer.</summary>
    public static Step GetAnswer(int stream = 1) => async peer =>
    {
        string wanted = $"200 on {stream}";
        var head = await peer.UntilAsync(wanted, frame => frame.Type == Frame.Headers && frame.Stream == stream);
        if (!head.Fields.Contains((":status", "200"))) throw peer.Miss(wanted);
    };

    /// <summary>A good answer to its end.</summary>
    public static Step GetWholeAnswer(int stream = 1) => async peer =>
    {
        await GetAnswer(stream)(peer);
        await peer.UntilAsync($"the end of {stream}", frame => frame.EndsStream && frame.Stream == stream);
    };

    /// <summary>The next DATA, which has exactly as many bytes.</summary>
    public static Step GetData(int bytes, int stream = 1) => async peer =>
    {
        var data = await peer.UntilAsync("DATA", frame => frame.Type == Frame.Data);
        if (data.Stream != stream || data.Payload.Length != bytes) throw peer.Miss($"{bytes} bytes on {stream}");
    };

    /// <summary>The next PING is the answer to the one with this text.</summary>
    public static Step GetPong(string text = "12345678") => async peer =>
    {
        var pong = await peer.UntilAsync("PING", frame => frame.Type == Frame.Ping);
        bool isIt = pong.Flags == Frame.Ack && Encoding.ASCII.GetString(pong.Payload) == text;
        if (!isIt) throw peer.Miss($"ACK of PING {text}");
    };

    /// <summary>RST_STREAM for the stream that was sent on last, or GOAWAY and the end.</summary>
    public static Step GetStreamError(params Http2ErrorCode[] codes) => async peer =>
    {
        string wanted = $"RST_STREAM or GOAWAY with {string.Join(" or ", codes)}";
        while (await peer.ReadAsync() is { } frame)
        {
            if (frame.Type is not (Frame.Reset or Frame.GoAway)) continue;
            var code = ConformancePeer.CodeOf(frame);
            // Only says that the rest of a body is not wanted.
            if (code == Http2ErrorCode.NoError) continue;
            bool isIt = codes.Contains(code) && (frame.Type == Frame.GoAway || frame.Stream == peer.LastStream);
            if (!isIt) throw peer.Miss(wanted);
            if (frame.Type == Frame.GoAway) await GetEnd()(peer);
            return;
        }
        throw peer.Miss(wanted);
    };

    /// <summary>GOAWAY, and the end.</summary>
    public static Step GetConnectionError(params Http2ErrorCode[] codes) => async peer =>
    {
        string wanted = $"GOAWAY with {string.Join(" or ", codes)}";
        while (await peer.ReadAsync() is { } frame)
        {
            if (frame.Type != Frame.GoAway) continue;
            if (!codes.Contains(ConformancePeer.CodeOf(frame))) throw peer.Miss(wanted);
            await GetEnd()(peer);
            return;
        }
        throw peer.Miss(wanted);
    };

    /// <summary>The end of the connection; GOAWAY before it may say nothing but that.</summary>
    public static Step GetClose() => async peer =>
    {
        while (await peer.ReadAsync() is { } frame)
        {
            bool isError = frame.Type == Frame.GoAway && ConformancePeer.CodeOf(frame) != Http2ErrorCode.NoError;
            if (isError) throw peer.Miss("the end of the connection without an error");
        }
        if (peer.Raw.WasReset) throw peer.Miss("the end of the connection in order");
    };

    /// <summary>An answer of HTTP/1.1 that begins so, and the end of the connection.</summary>
    public static Step GetRawAndClose(string begin) => async peer =>
        Assert.StartsWith(begin, await peer.Raw.ReadToEndAsync(), StringComparison.Ordinal);

    /// <summary>The connection still answers, whatever has become of its streams.</summary>
    public static async Task AssertAliveAsync(ConformancePeer peer)
    {
        await peer.SendAsync(Frames.Ping("is alive"));
        while (await peer.ReadAsync() is { Type: not Frame.GoAway } frame)
        {
            if (frame.Type == Frame.Ping) return;
        }
        throw peer.Miss("ACK of a last PING");
    }

    private static Step GetEnd() => async peer =>
    {
        while (await peer.ReadAsync() is not null)
        {
        }
    };
}

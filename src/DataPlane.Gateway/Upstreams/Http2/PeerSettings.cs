using System.Buffers.Binary;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// What the upstream has told about itself in SETTINGS (RFC 9113 6.5). One per connection; loop thread.
/// </summary>
internal sealed class PeerSettings
{
    private const int SettingBytes = 6;
    private const uint LeastFrame = 1 << 14;
    private const uint MostFrame = (1 << 24) - 1;

    public bool HasCome { get; private set; }

    /// <summary>Streams at once; bounded by <see cref="Limits.Http2StreamsPerConnection"/>.</summary>
    public int Streams { get; private set; } = Limits.Http2StreamsBeforeSettings;

    /// <summary>Bytes that may be sent on a new stream.</summary>
    public int Window { get; private set; } = Http2FrameHead.DefaultWindow;

    /// <summary>Most bytes of a request's fields, as <see cref="FieldListSize"/> counts them.</summary>
    public long FieldListBytes { get; private set; } = long.MaxValue;

    /// <summary>Takes a whole payload. What it does wrong, or no error.</summary>
    public Http2ErrorCode Take(ReadOnlySpan<byte> payload)
    {
        if (payload.Length % SettingBytes != 0) return Http2ErrorCode.FrameSizeError;
        // Who says nothing sets no bound.
        if (!HasCome) Streams = Limits.Http2StreamsPerConnection;
        HasCome = true;
        for (; !payload.IsEmpty; payload = payload[SettingBytes..])
        {
            var setting = (Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(payload);
            var code = Take(setting, BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
            if (code != Http2ErrorCode.NoError) return code;
        }
        return Http2ErrorCode.NoError;
    }

    private Http2ErrorCode Take(Http2Setting setting, uint value)
    {
        switch (setting)
        {
            // Servers do not take pushes, and must not say that they do.
            case Http2Setting.EnablePush when value != 0:
            case Http2Setting.MaxFrameSize when value is < LeastFrame or > MostFrame:
                return Http2ErrorCode.ProtocolError;
            case Http2Setting.InitialWindowSize when value > Http2FrameHead.LargestWindow:
                return Http2ErrorCode.FlowControlError;
            case Http2Setting.InitialWindowSize:
                Window = (int)value;
                break;
            case Http2Setting.MaxConcurrentStreams:
                Streams = (int)Math.Min(value, Limits.Http2StreamsPerConnection);
                break;
            case Http2Setting.MaxHeaderListSize:
                FieldListBytes = value;
                break;
        }
        // Larger frames than the default are never sent, and no table of ours needs room: see HpackWriter.
        return Http2ErrorCode.NoError;
    }
}

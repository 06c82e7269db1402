namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>What an HTTP/2 upstream sent too much of, so that its connection was ended.</summary>
public enum UpstreamFlood : byte
{
    /// <summary>RST_STREAM for streams that were over.</summary>
    Reset,
    Ping,
    Settings,

    /// <summary>DATA or CONTINUATION without a byte.</summary>
    EmptyFrame,

    /// <summary>A head of more frames, or more bytes, than any that would be taken.</summary>
    Continuation,

    /// <summary>PRIORITY, GOAWAY, heads of streams that were over, and frames that nobody knows.</summary>
    OtherFrame,

    /// <summary>Whatever is answered, by somebody who does not read the answers.</summary>
    Unread,
}

namespace DataPlane.Http.Http2;

/// <summary>The flags of a frame; what a bit means depends on the frame's type (RFC 9113 6).</summary>
[Flags]
public enum Http2Flags : byte
{
    None = 0,
    EndStream = 0x1,

    /// <summary>Of SETTINGS and PING.</summary>
    Acknowledgement = 0x1,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}

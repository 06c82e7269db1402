namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>What GOAWAY and RST_STREAM say (RFC 9113 7).</summary>
internal enum ErrorCode
{
    NoError = 0x0,
    ProtocolError = 0x1,
    InternalError = 0x2,
    FlowControlError = 0x3,
    StreamClosed = 0x5,
    FrameSizeError = 0x6,
    RefusedStream = 0x7,
    Cancel = 0x8,
    CompressionError = 0x9,

    /// <summary>Nobody has defined it.</summary>
    Unknown = 0xff,
}

using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>Blocks that cannot be decoded (RFC 7541).</summary>
internal static class HpackCases
{
    // The letter a is 00011; what fills up the last byte has to be ones, and the end of a string thirty of them.
    private static readonly byte[] s_longPadding = [0x82, 0x1f, 0xff];
    private static readonly byte[] s_zeroPadding = [0x81, 0x18];
    private static readonly byte[] s_endInside = [0x85, 0x1f, 0xff, 0xff, 0xff, 0xe3];

    public static readonly ConformanceCase[] Rows =
    [
        Refuses("2.3.3", "an index beyond both tables", 0x80 | 70),
        Refuses("2.3.3", "the index of a name beyond both tables", 0x7f, 0x07, 0x00),
        Refuses("4.2", "a change of the table's size behind a field", 0x21),
        Refuses("5.2", "Huffman padding of more than seven bits", [0x00, 0x01, (byte)'x', .. s_longPadding]),
        Refuses("5.2", "Huffman padding of zeros", [0x00, 0x01, (byte)'x', .. s_zeroPadding]),
        Refuses("5.2", "the end of a string inside it", [0x00, 0x01, (byte)'x', .. s_endInside]),
        // Kestrel looks for the field before the first one, trips over its own table, and says INTERNAL_ERROR.
        new("HPACK 6.1", "index 0",
            Send(Headers(1, GetAnd(0x80))), GetConnectionError(CompressionError, InternalError)),
        new("HPACK 6.3", "a table larger than announced",
            Send(peer => [Headers(1, [.. SizeOf(peer.MaxTableBytes + 1), .. Request("GET")])]),
            GetConnectionError(CompressionError)),
    ];

    private static ConformanceCase Refuses(string section, string name, params byte[] field) =>
        new("HPACK " + section, name, Send(Headers(1, GetAnd(field))), GetConnectionError(CompressionError));

    /// <summary>A change of the table's size, for sizes that need three bytes behind the prefix at most.</summary>
    private static byte[] SizeOf(int bytes)
    {
        int rest = bytes - 0x1f;
        return [0x3f, (byte)(rest | 0x80), (byte)((rest >> 7) | 0x80), (byte)(rest >> 14)];
    }
}

using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// Every form in which HPACK can write a field. What has to be in the dynamic table afterwards is asked for by the next
/// request, which fails when it is not there.
/// </summary>
internal static class GoodHpackCases
{
    // Forms of literals (RFC 7541 6.2), with user-agent's index in the static table, 58, in a prefix of 6 or 4 bits.
    private const byte Added = 0x40;
    private const byte NotAdded = 0x00;
    private const byte NeverAdded = 0x10;

    private static readonly byte[] s_addedAgent = [0x7a];
    private static readonly byte[] s_notAddedAgent = [0x0f, 0x2b];
    private static readonly byte[] s_neverAddedAgent = [0x1f, 0x2b];

    // The strings of RFC 7541 C.4.3.
    private static readonly byte[] s_name = [0x0a, .. "custom-key"u8];
    private static readonly byte[] s_value = [0x0c, .. "custom-value"u8];
    private static readonly byte[] s_huffmanName = [0x88, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xa9, 0x7d, 0x7f];
    private static readonly byte[] s_huffmanValue = [0x89, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xb8, 0xe8, 0xb4, 0xbf];

    public static readonly ConformanceCase[] Rows =
    [
        Takes("6.1", "an indexed field", 0x80 | 58),
        TakesAdded("an added field, indexed name", [.. s_addedAgent, .. s_value]),
        TakesAdded("an added field, indexed name, Huffman", [.. s_addedAgent, .. s_huffmanValue]),
        TakesAdded("an added field, new name", [Added, .. s_name, .. s_value]),
        TakesAdded("an added field, new name, Huffman", [Added, .. s_huffmanName, .. s_huffmanValue]),
        Takes("6.2.2", "a field that is not added, indexed name", [.. s_notAddedAgent, .. s_value]),
        Takes("6.2.2", "a field that is not added, indexed name, Huffman", [.. s_notAddedAgent, .. s_huffmanValue]),
        Takes("6.2.2", "a field that is not added, new name", [NotAdded, .. s_name, .. s_value]),
        Takes("6.2.2", "a field that is not added, new name, Huffman",
            [NotAdded, .. s_huffmanName, .. s_huffmanValue]),
        Takes("6.2.3", "a field never to be added, indexed name", [.. s_neverAddedAgent, .. s_value]),
        Takes("6.2.3", "a field never to be added, indexed name, Huffman", [.. s_neverAddedAgent, .. s_huffmanValue]),
        Takes("6.2.3", "a field never to be added, new name", [NeverAdded, .. s_name, .. s_value]),
        Takes("6.2.3", "a field never to be added, new name, Huffman",
            [NeverAdded, .. s_huffmanName, .. s_huffmanValue]),
        new("HPACK 6.3", "a change of the table's size", Send(Headers(1, [0x20, .. Request("GET")])), GetAnswer()),
        // To 0, and back to 4,096.
        new("HPACK 4.2", "two changes of the table's size",
            Send(Headers(1, [0x20, 0x3f, 0xe1, 0x1f, .. Request("GET")])), GetAnswer()),
    ];

    private static ConformanceCase Takes(string section, string name, params byte[] field) =>
        new("HPACK " + section, name, Send(Headers(1, GetAnd(field))), GetAnswer());

    private static ConformanceCase TakesAdded(string name, byte[] field) =>
        new("HPACK 6.2.1", name,
            Send(Headers(1, GetAnd(field))), GetAnswer(), Send(Headers(3, GetAnd(0x80 | 62))), GetAnswer(3));
}

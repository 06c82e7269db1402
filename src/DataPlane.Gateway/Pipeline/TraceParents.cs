using System.Buffers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The traceparent field of W3C Trace Context, version 00: <c>00-{32 hex}-{16 hex}-{2 hex}</c>.</summary>
internal static class TraceParents
{
    public const int Bytes = 55;

    private static readonly SearchValues<byte> s_lowerHex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Section 2.2: lower-case hex, known layout, neither id all zeros.</summary>
    public static bool IsValid(ReadOnlySpan<byte> value) =>
        value.Length == Bytes
        && value[..3].SequenceEqual("00-"u8)
        && value[35] == '-' && value[52] == '-'
        && !value.Slice(3, 32).ContainsAnyExcept(s_lowerHex)
        && !value.Slice(36, 16).ContainsAnyExcept(s_lowerHex)
        && !value.Slice(53, 2).ContainsAnyExcept(s_lowerHex)
        && value.Slice(3, 32).ContainsAnyExcept((byte)'0')
        && value.Slice(36, 16).ContainsAnyExcept((byte)'0');

    /// <summary>16 lower-case hex digits, not all zeros.</summary>
    public static bool IsSpanId(ReadOnlySpan<byte> value) =>
        !value.ContainsAnyExcept(s_lowerHex) && value.ContainsAnyExcept((byte)'0');

    /// <summary>Starts a trace that is not sampled here: flags 00, the upstream decides for itself.</summary>
    public static void Start(Span<byte> destination, RandomIds ids)
    {
        "00-"u8.CopyTo(destination);
        ids.Write(destination[3..]);
        ids.Write(destination[19..]);
        destination[35] = (byte)'-';
        ids.Write(destination[36..]);
        "-00"u8.CopyTo(destination[52..]);
    }
}

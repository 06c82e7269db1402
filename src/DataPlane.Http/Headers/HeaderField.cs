namespace DataPlane.Http.Headers;

/// <summary>One field line as offsets from the head's first byte; the value is without the white space around it.
/// Mutable on purpose: it lives in an array that is filled in place. Valid as long as the head's bytes are.</summary>
public struct HeaderField
{
    public int NameStart;
    public int ValueStart;
    public int NameLength;
    public int ValueLength;
    public KnownHeader Known;

    /// <summary>The field speaks about this connection only and must not be passed on (RFC 9110 7.6.1).</summary>
    public bool HopByHop;

    public readonly ByteRange NameRange => new(NameStart, NameLength);

    public readonly ByteRange ValueRange => new(ValueStart, ValueLength);

    public readonly ReadOnlySpan<byte> Name(ReadOnlySpan<byte> headBytes) => headBytes.Slice(NameStart, NameLength);

    public readonly ReadOnlySpan<byte> Value(ReadOnlySpan<byte> headBytes) => headBytes.Slice(ValueStart, ValueLength);
}

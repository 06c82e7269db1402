namespace DataPlane.Http;

/// <summary>A place in a byte sequence the holder knows, in bytes: it keeps no reference, so it is only as good as the
/// bytes it is applied to. Ranges of a head count from the head's first byte.</summary>
public readonly record struct ByteRange(int Start, int Length)
{
    public int End => Start + Length;

    public bool IsEmpty => Length == 0;

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> when the range is not inside the bytes.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}

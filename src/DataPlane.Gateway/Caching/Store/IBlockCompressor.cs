namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Packs stored bodies a block at a time; a block is at most <see cref="CacheSegment.MaxBytes"/> and stands alone. Any
/// thread; 0 bytes.
/// </summary>
internal interface IBlockCompressor
{
    /// <summary>
    /// Packs <paramref name="block"/> into <paramref name="target"/>; the bytes written, or 0 when they do not fit
    /// there, which is how a caller says how much has to be saved.
    /// </summary>
    int Pack(ReadOnlySpan<byte> block, Span<byte> target);

    /// <summary>The reverse; false unless exactly <paramref name="target"/> was filled.</summary>
    bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> target);
}

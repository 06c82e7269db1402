using K4os.Compression.LZ4;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// LZ4 blocks by K4os.Compression.LZ4, in managed code; only in builds with <c>-p:FullFeed=true</c>. Any thread; 0
/// bytes.
/// </summary>
internal sealed class K4osCompressor : IBlockCompressor
{
    // Negative when the target is too short.
    public int Pack(ReadOnlySpan<byte> block, Span<byte> target) => Math.Max(0, LZ4Codec.Encode(block, target));

    public bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> target) =>
        LZ4Codec.Decode(packed, target) == target.Length;
}

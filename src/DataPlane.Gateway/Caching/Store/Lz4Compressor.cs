using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>LZ4 blocks by the system's library (Debian: liblz4-1). Any thread; 0 bytes.</summary>
internal sealed unsafe partial class Lz4Compressor : IBlockCompressor
{
    private const string Library = "liblz4.so.1";

    private Lz4Compressor()
    {
    }

    /// <summary>Null when the library is not there: bodies then stay as they are.</summary>
    public static Lz4Compressor? TryLoad() => NativeLibrary.TryLoad(Library, out _) ? new Lz4Compressor() : null;

    public int Pack(ReadOnlySpan<byte> block, Span<byte> target)
    {
        fixed (byte* from = block, to = target) return Math.Max(0, Compress(from, to, block.Length, target.Length));
    }

    public bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        fixed (byte* from = packed, to = target)
            return Decompress(from, to, packed.Length, target.Length) == target.Length;
    }

    [LibraryImport(Library, EntryPoint = "LZ4_compress_default")]
    private static partial int Compress(byte* from, byte* to, int fromBytes, int toBytes);

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    private static partial int Decompress(byte* from, byte* to, int fromBytes, int toBytes);
}

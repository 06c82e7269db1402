using System.Numerics;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The hash by which a record is known to be whole: seeded by the process, so that nobody who writes to the disk can
/// make one. Any thread; 0 bytes.
/// </summary>
internal readonly struct DiskSum(KeyHash hash)
{
    /// <summary>Records are hashed so many bytes at a time from their start; in the end, what is left.</summary>
    public const int ChunkBytes = 64 * 1024;

    public ulong Add(ulong sum, ReadOnlySpan<byte> chunk) =>
        (BitOperations.RotateLeft(sum, 7) * 31) ^ hash.Of(chunk);
}

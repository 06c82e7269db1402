using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Tests.Caching.Store;

/// <summary>Packs a block of one repeated byte, and nothing else: 5 bytes, and needs no library.</summary>
internal sealed class RunLengthCompressor : IBlockCompressor
{
    public int Pack(ReadOnlySpan<byte> block, Span<byte> target)
    {
        if (block.Length < 6 || target.Length < 5 || block.ContainsAnyExcept(block[0])) return 0;
        target[0] = block[0];
        BitConverter.TryWriteBytes(target[1..], block.Length);
        return 5;
    }

    public bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        if (packed.Length != 5 || BitConverter.ToInt32(packed[1..]) != target.Length) return false;
        target.Fill(packed[0]);
        return true;
    }
}

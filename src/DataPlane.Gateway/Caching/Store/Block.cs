using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The header of a run of an arena, free or taken; what it is for lies behind it. Written under the shard's gate, read
/// without by those who hold what is in it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]
internal unsafe struct Block
{
    public const int HeaderBytes = 32;

    /// <summary>The whole block, its header included: a multiple of <see cref="BlockPool.AlignBytes"/>.</summary>
    [FieldOffset(0)] public int Bytes;

    /// <summary>The same of the block in front of it; 0 for an arena's first.</summary>
    [FieldOffset(4)] public int BytesBefore;

    [FieldOffset(8)] public int Arena;

    [FieldOffset(12)] public bool IsFree;

    /// <summary>Next free one of about this size, or next segment of the same body.</summary>
    [FieldOffset(16)] public Block* Next;

    /// <summary>When free: the one before it in the list.</summary>
    [FieldOffset(24)] public Block* Previous;

    /// <summary>When a segment: bytes that are stored in it.</summary>
    [FieldOffset(24)] public int StoredBytes;

    /// <summary>
    /// When a segment: bytes of the body that they stand for; another number says that they are packed.
    /// </summary>
    [FieldOffset(28)] public int BodyBytes;

    /// <summary>Bytes behind the header.</summary>
    public readonly int RoomBytes => Bytes - HeaderBytes;

    public static byte* Room(Block* block) => (byte*)block + HeaderBytes;
}

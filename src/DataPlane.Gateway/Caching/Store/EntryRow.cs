using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// What is known of one version of a stored response. Rows lie in pinned memory that is never used for anything else,
/// so a look-up may read one that is being given to another entry: it sees that <see cref="References"/> is 0, or that
/// the key is another. Links and counts are written under the shard's gate.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct EntryRow
{
    /// <summary>Two cache lines; what a look-up needs is in the first and at the start of the second.</summary>
    public const int Bytes = 128;

    /// <summary>Of the key, seeded.</summary>
    public ulong Hash;

    /// <summary>
    /// Those who use what the row points to: the index, leases, versions that share its body. 0: nobody may begin to.
    /// </summary>
    public int References;

    public uint UrlHash;

    /// <summary>The next <see cref="EntryRow"/> of its index place; of the spare rows when it is one.</summary>
    public nint Chain;

    /// <summary>Meta, key, head, tags and URL, in this order.</summary>
    public Block* Record;

    /// <summary>The body's first run; null when it has none, or when another version owns it.</summary>
    public Block* FirstSegment;

    /// <summary>The version that owns the body, which this one shares; null when it is its own.</summary>
    public EntryRow* BodyOwner;

    /// <summary>Purges that had been ordered when the response was asked for.</summary>
    public long Stamp;

    /// <summary>The last soft purge that met it.</summary>
    public long SoftStamp;

    public int BodyBytes;
    public int HeadBytes;
    public ushort MetaBytes;
    public ushort KeyBytes;
    public ushort UrlBytes;
    public ushort TagCount;

    /// <summary>
    /// Look-ups since it was last considered for eviction, up to <see cref="EvictionQueues.MostHits"/>.
    /// </summary>
    public byte Hits;

    /// <summary>It stands in the index.</summary>
    public bool IsLinked;

    public bool IsMain;
    public bool IsIncompressible;

    /// <summary>The same for all versions of a body, other for other bodies of the key.</summary>
    public uint BodyId;

    /// <summary>Bytes that it weighs in its queue: record, body and row.</summary>
    public int QueuedBytes;

    /// <summary>Bytes that packing the body saved.</summary>
    public int SavedBytes;

    public EntryRow* Newer;
    public EntryRow* Older;
    public EntryRow* UrlNext;
    public EntryRow* UrlPrevious;

    public readonly ReadOnlySpan<byte> Key => At(KeyOffset, KeyBytes);
    public readonly int HeadOffset => KeyOffset + KeyBytes;
    public readonly ReadOnlySpan<byte> Head => At(HeadOffset, HeadBytes);
    public readonly ReadOnlySpan<ulong> Tags =>
        MemoryMarshal.Cast<byte, ulong>(At(TagOffset, TagCount * sizeof(ulong)));

    public readonly ReadOnlySpan<byte> Url => At(TagOffset + (TagCount * sizeof(ulong)), UrlBytes);
    public readonly bool IsPacked => SavedBytes > 0 || (BodyOwner != null && BodyOwner->SavedBytes > 0);
    public readonly Block* FirstOfBody => BodyOwner == null ? FirstSegment : BodyOwner->FirstSegment;

    private readonly int KeyOffset => MetaBytes;
    private readonly int TagOffset => HeadOffset + HeadBytes;

    /// <summary>Bytes of the record of an entry with such parts.</summary>
    public static int RecordBytes(int meta, int key, int head, int tags, int url) =>
        meta + key + head + (tags * sizeof(ulong)) + url;

    /// <summary>Writes the record, into a block with room for it, and the lengths of its parts.</summary>
    public static void Write(
        EntryRow* row,
        ReadOnlySpan<byte> meta,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<ulong> tags,
        ReadOnlySpan<byte> url)
    {
        row->MetaBytes = (ushort)meta.Length;
        row->KeyBytes = (ushort)key.Length;
        row->HeadBytes = head.Length;
        row->TagCount = (ushort)tags.Length;
        row->UrlBytes = (ushort)url.Length;
        var room = new Span<byte>(Block.Room(row->Record), row->Record->RoomBytes);
        meta.CopyTo(room);
        key.CopyTo(room[row->KeyOffset..]);
        head.CopyTo(room[row->HeadOffset..]);
        MemoryMarshal.AsBytes(tags).CopyTo(room[row->TagOffset..]);
        url.CopyTo(room[(row->TagOffset + (tags.Length * sizeof(ulong)))..]);
    }

    /// <summary>One more use, unless nobody uses it any more.</summary>
    public static bool TryAcquire(EntryRow* row)
    {
        int seen = Volatile.Read(ref row->References);
        while (seen > 0)
        {
            int found = Interlocked.CompareExchange(ref row->References, seen + 1, seen);
            if (found == seen) return true;
            seen = found;
        }
        return false;
    }

    /// <summary>Remembers the latest soft purge; several look-ups may find one at once.</summary>
    public static void MarkSoft(EntryRow* row, long stamp)
    {
        long seen = Volatile.Read(ref row->SoftStamp);
        while (seen < stamp)
        {
            long found = Interlocked.CompareExchange(ref row->SoftStamp, stamp, seen);
            if (found == seen) return;
            seen = found;
        }
    }

    private readonly ReadOnlySpan<byte> At(int offset, int bytes) => new(Block.Room(Record) + offset, bytes);
}

using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// How an entry begins on disk. Behind it lie meta, key, head, tags and URL as in memory, then the body unpacked, then
/// eight bytes of a hash over all of it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DiskRecord
{
    public const int TailBytes = sizeof(ulong);

    /// <summary>Where it was written, over all laps: what an older lap left there is another record.</summary>
    public long At;

    public ulong Hash;
    public long Stamp;
    public long SoftStamp;
    public int BodyBytes;
    public int HeadBytes;
    public ushort MetaBytes;
    public ushort KeyBytes;
    public ushort UrlBytes;
    public ushort TagCount;

    public static unsafe int HeaderBytes => sizeof(DiskRecord);

    /// <summary>Bytes between the header and the body.</summary>
    public readonly int PartBytes => EntryRow.RecordBytes(MetaBytes, KeyBytes, HeadBytes, TagCount, UrlBytes);

    public readonly long Bytes => HeaderBytes + PartBytes + (long)BodyBytes + TailBytes;

    /// <summary>Nothing that was read from a disk is believed before it has been hashed: only that it fits.</summary>
    public readonly bool IsPlausible =>
        BodyBytes >= 0 && HeadBytes is >= 0 and <= CacheLimits.RecordBytes && PartBytes <= CacheLimits.RecordBytes;

    public static unsafe DiskRecord Of(EntryRow* row, long at) => new()
    {
        At = at,
        Hash = row->Hash,
        Stamp = row->Stamp,
        SoftStamp = Volatile.Read(ref row->SoftStamp),
        BodyBytes = row->BodyBytes,
        HeadBytes = row->HeadBytes,
        MetaBytes = row->MetaBytes,
        KeyBytes = row->KeyBytes,
        UrlBytes = row->UrlBytes,
        TagCount = row->TagCount,
    };
}

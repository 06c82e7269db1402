namespace DataPlane.Gateway.Caching.Store;

/// <summary>Makes a new version of a leased entry and puts it in the old one's place. Any thread; 0 bytes.</summary>
internal static unsafe class EntryVersion
{
    /// <summary>Another head and meta over the same body; see <see cref="CacheStore.UpdateHead{TMeta}"/>.</summary>
    public static bool TryReplaceHead(
        ref CacheLease lease, ReadOnlySpan<byte> head, ReadOnlySpan<byte> meta, long maxEntryBytes)
    {
        var row = lease.Row;
        if (row->BodyBytes + row->KeyBytes + head.Length > maxEntryBytes) return false;
        var by = Make(lease, head, meta);
        if (by == null) return false;
        by->Stamp = lease.Stamp;
        return lease.Shard.ReplaceHead(ref lease, by);
    }

    /// <summary>The same head over other runs, which the new version owns from here, whatever is returned.</summary>
    public static bool TryReplaceBody(ref CacheLease lease, Block* first, int savedBytes)
    {
        var row = lease.Row;
        var by = Make(lease, row->Head, new ReadOnlySpan<byte>(Block.Room(row->Record), row->MetaBytes));
        if (by == null)
        {
            lease.Shard.GiveBack(first, fillBytes: 0);
            return false;
        }
        by->Stamp = row->Stamp;
        by->FirstSegment = first;
        by->SavedBytes = savedBytes;
        return lease.Shard.ReplaceBody(ref lease, by);
    }

    private static EntryRow* Make(in CacheLease lease, ReadOnlySpan<byte> head, ReadOnlySpan<byte> meta)
    {
        var row = lease.Row;
        int bytes = EntryRow.RecordBytes(meta.Length, row->KeyBytes, head.Length, row->TagCount, row->UrlBytes);
        var by = bytes > CacheLimits.RecordBytes ? null : lease.Shard.TakeRow(bytes);
        if (by == null) return null;
        by->Hash = row->Hash;
        by->BodyId = row->BodyId;
        by->UrlHash = row->UrlHash;
        by->BodyBytes = row->BodyBytes;
        by->IsIncompressible = row->IsIncompressible;
        EntryRow.Write(by, meta, row->Key, head, row->Tags, row->Url);
        return by;
    }
}

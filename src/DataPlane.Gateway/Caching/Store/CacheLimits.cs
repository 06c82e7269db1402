namespace DataPlane.Gateway.Caching.Store;

/// <summary>Bounds of the store that the configuration does not set.</summary>
internal static class CacheLimits
{
    /// <summary>Bytes of what the semantics keep beside a response.</summary>
    public const int MetaBytes = 256;

    /// <summary>Longest key; a longer one is neither found nor stored.</summary>
    public const int KeyBytes = 16 * 1024;

    /// <summary>
    /// Tags of one entry; a response with more is not stored, for it could not be purged by all of them.
    /// </summary>
    public const int TagsPerEntry = 64;

    /// <summary>Longest URL to purge by; an entry with a longer one is not stored.</summary>
    public const int UrlBytes = 16 * 1024;

    /// <summary>Meta, key, head, tags and URL of one entry together: they lie in one block.</summary>
    public const int RecordBytes = 128 * 1024;

    /// <summary>Largest entry, whatever the configuration says: lengths are 32 bits.</summary>
    public const int EntryBytes = 1024 * 1024 * 1024;

    /// <summary>Smallest capacity: an index, some rows and a few responses.</summary>
    public const int LeastCapacityBytes = 64 * 1024;

    /// <summary>Memory is got from the runtime so much at a time; it is pinned, and kept.</summary>
    public const int ArenaBytes = 1024 * 1024;

    /// <summary>Shards: more only help where more loops fill at once.</summary>
    public const int Shards = 32;

    /// <summary>A shard is worth its own memory from here on.</summary>
    public const int ShardBytes = 4 * 1024 * 1024;

    /// <summary>A shard has room for so many of the largest entries, so that one cannot empty it.</summary>
    public const int EntriesPerShard = 4;

    /// <summary>Fills under way in one shard take at most one part in so many of its bytes.</summary>
    public const int FillShare = 2;

    /// <summary>Fills under way in one shard.</summary>
    public const int FillsPerShard = 4096;

    /// <summary>Ended fills that a shard keeps for the next.</summary>
    public const int SpareFills = 256;

    /// <summary>First memory of a body whose length is not known; it is taken in larger runs as it grows.</summary>
    public const int FirstRunBytes = 4096;

    /// <summary>Shortest run that a body is cut into for want of a longer one.</summary>
    public const int LeastRunBytes = 2048;

    /// <summary>
    /// Places per shard for the stamps of keys and URLs that were removed; late fills are compared with them. Two that
    /// share a place keep out each other's.
    /// </summary>
    public const int Removals = 8192;

    /// <summary>Purges that commits are compared with; who asked before them is not stored.</summary>
    public const int RecentPurges = 1024;

    /// <summary>Purges that look-ups are compared with; with more, who orders one sweeps first.</summary>
    public const int ActivePurges = 256;

    /// <summary>Purges are gathered for so long before entries are gone through for all of them.</summary>
    public const int SweepDelayMs = 1000;

    /// <summary>Places of the index between two openings of a shard's gate, when something goes through all.</summary>
    public const int SweptPlaces = 64;

    /// <summary>Bodies waiting to be packed are at most one part in so many of the capacity.</summary>
    public const int PackShare = 16;

    /// <summary>An entry on disk takes at most one part in so many of the tier's bytes.</summary>
    public const int DiskShare = 4;

    /// <summary>With a disk, one part in so many of the memory is kept free for what comes next.</summary>
    public const int AheadShare = 16;

    /// <summary>Entries evicted ahead for one that came in.</summary>
    public const int MostAhead = 4;

    /// <summary>The disk's index has a row for each so many bytes; it has no more entries than rows.</summary>
    public const int DiskBytesPerRow = 8 * 1024;

    /// <summary>Most rows of the disk's index: 235 MB of memory.</summary>
    public const int DiskRows = 4 * 1024 * 1024;

    /// <summary>A disk that failed is left alone for so long.</summary>
    public const int DiskPauseSeconds = 60;

    /// <summary>A body is kept packed when it saves one part in so many.</summary>
    public const int PackGain = 8;
}

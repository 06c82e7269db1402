namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Rows, a slab at a time: an arena of their own while there is room for more arenas, else a block among the entries. A
/// row once made stays a row: that is what look-ups without a lock stand on. Under the shard's gate; 0 bytes.
/// </summary>
internal sealed unsafe class RowPool(BlockPool blocks, int slabBytes)
{
    private const int LineBytes = 64;

    /// <summary>What a slab among the entries is smaller than an arena of rows.</summary>
    private const int SlabShare = 16;

    private EntryRow* _spare;

    /// <summary>A row with nothing in it, or null when there is neither a spare one nor a block for more.</summary>
    public EntryRow* Take()
    {
        if (_spare == null && !AddSlab()) return null;
        var row = _spare;
        _spare = (EntryRow*)row->Chain;
        return row;
    }

    public void Return(EntryRow* row)
    {
        row->Chain = (nint)_spare;
        _spare = row;
    }

    private bool AddSlab()
    {
        Block* slab = blocks.TakeArena(slabBytes);
        if (slab == null) slab = blocks.TakeLargest(slabBytes / SlabShare, EntryRow.Bytes + LineBytes);
        if (slab == null) return false;
        blocks.Keep(slab);
        // What a look-up reads first then lies in one cache line.
        nint start = ((nint)Block.Room(slab) + LineBytes - 1) & -LineBytes;
        int count = (int)((nint)slab + slab->Bytes - start) / EntryRow.Bytes;
        var rows = (EntryRow*)start;
        new Span<byte>(rows, count * EntryRow.Bytes).Clear();
        for (int each = 0; each < count; each++) Return(rows + each);
        return true;
    }
}

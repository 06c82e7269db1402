namespace DataPlane.Gateway.Caching.Store;

/// <summary>Rows in the order in which they came in. Under the shard's gate.</summary>
internal sealed unsafe class EntryQueue
{
    private EntryRow* _newest;

    public EntryRow* Oldest { get; private set; }

    public long Bytes { get; private set; }

    public int Count { get; private set; }

    public void Add(EntryRow* row)
    {
        row->Newer = null;
        row->Older = _newest;
        if (_newest != null) _newest->Newer = row;
        else Oldest = row;
        _newest = row;
        Bytes += row->QueuedBytes;
        Count++;
    }

    public void Remove(EntryRow* row)
    {
        if (row->Newer != null) row->Newer->Older = row->Older;
        else _newest = row->Older;
        if (row->Older != null) row->Older->Newer = row->Newer;
        else Oldest = row->Newer;
        Bytes -= row->QueuedBytes;
        Count--;
    }

    /// <summary>Another row in the place of one.</summary>
    public void Replace(EntryRow* row, EntryRow* by)
    {
        by->Newer = row->Newer;
        by->Older = row->Older;
        if (row->Newer != null) row->Newer->Older = by;
        else _newest = by;
        if (row->Older != null) row->Older->Newer = by;
        else Oldest = by;
        Bytes += by->QueuedBytes - row->QueuedBytes;
    }
}

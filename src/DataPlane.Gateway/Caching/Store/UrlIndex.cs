namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Rows by the URL that they were committed with, so that an invalidation finds the variants of one without going
/// through all entries. Lists in both directions: a URL may have any number of variants, and each of them is evicted
/// by itself. Under the shard's gate; 0 bytes.
/// </summary>
internal sealed unsafe class UrlIndex(int places)
{
    private nint[] _lists = GC.AllocateArray<nint>(places, pinned: true);

    public void Link(EntryRow* row)
    {
        if (row->UrlBytes == 0) return;
        ref nint place = ref _lists[(int)row->UrlHash & (_lists.Length - 1)];
        var next = (EntryRow*)place;
        row->UrlNext = next;
        row->UrlPrevious = null;
        if (next != null) next->UrlPrevious = row;
        place = (nint)row;
    }

    public void Unlink(EntryRow* row)
    {
        if (row->UrlBytes == 0) return;
        if (row->UrlNext != null) row->UrlNext->UrlPrevious = row->UrlPrevious;
        if (row->UrlPrevious != null) row->UrlPrevious->UrlNext = row->UrlNext;
        else _lists[(int)row->UrlHash & (_lists.Length - 1)] = (nint)row->UrlNext;
    }

    /// <summary>One of the rows with this URL; null when there is none.</summary>
    public EntryRow* Find(uint hash, ReadOnlySpan<byte> url)
    {
        var row = (EntryRow*)_lists[(int)hash & (_lists.Length - 1)];
        while (row != null && (row->UrlHash != hash || !row->Url.SequenceEqual(url))) row = row->UrlNext;
        return row;
    }

    public void Grow(int count)
    {
        nint[] before = _lists;
        _lists = GC.AllocateArray<nint>(count, pinned: true);
        foreach (nint first in before)
        {
            for (EntryRow* row = (EntryRow*)first, next; row != null; row = next)
            {
                next = row->UrlNext;
                Link(row);
            }
        }
    }
}

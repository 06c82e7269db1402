using System.Numerics;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Which entries the disk has: rows in the order in which they were added, found by key and by URL. The oldest give
/// way. Under the tier's gate; 0 bytes.
/// </summary>
internal sealed class DiskIndex
{
    private const long NotYet = -1;

    private readonly Row[] _rows;

    // Numbers of rows, and one more: 0 is none.
    private readonly int[] _keys;
    private readonly int[] _urls;
    private long _first;
    private long _next;

    /// <summary>With <paramref name="rows"/> or a little more, rows of 48 bytes and 8 for what finds them.</summary>
    public DiskIndex(int rows)
    {
        int count = (int)BitOperations.RoundUpToPowerOf2((uint)rows);
        _rows = new Row[count];
        _keys = new int[count];
        _urls = new int[count];
    }

    public int Count { get; private set; }

    /// <summary>The number that the next row gets.</summary>
    public long Next => _next;

    /// <summary>Of the records on disk that can be found.</summary>
    public long Bytes { get; private set; }

    /// <summary>A row for an entry that is about to be written, in place of one under its key; its number.</summary>
    public long Add(ulong hash, uint urlHash, long bytes)
    {
        Remove(hash);
        if (_next - _first == _rows.Length) DropFirst();
        int place = PlaceOf(_next);
        ref var row = ref _rows[place];
        ref int key = ref _keys[(int)hash & (_keys.Length - 1)];
        ref int url = ref _urls[(int)urlHash & (_urls.Length - 1)];
        row = new Row
        {
            Hash = hash,
            UrlHash = urlHash,
            Bytes = bytes,
            At = NotYet,
            NextOfKey = key,
            NextOfUrl = url,
            IsThere = true,
        };
        if (url > 0) _rows[url - 1].PreviousOfUrl = place + 1;
        key = url = place + 1;
        Count++;
        return _next++;
    }

    /// <summary>The row is still wanted.</summary>
    public bool Has(long number) => number >= _first && _rows[PlaceOf(number)].IsThere;

    /// <summary>The entry has been written.</summary>
    public void Place(long number, long at)
    {
        if (!Has(number)) return;
        _rows[PlaceOf(number)].At = at;
        Bytes += _rows[PlaceOf(number)].Bytes;
    }

    public bool TryFind(ulong hash, out long at)
    {
        int place = Find(hash);
        at = place < 0 ? NotYet : _rows[place].At;
        return at != NotYet;
    }

    /// <summary>False: nothing is there, or not at this place.</summary>
    public bool Remove(ulong hash, long at)
    {
        int place = Find(hash);
        if (place < 0 || _rows[place].At != at) return false;
        Unlink(place);
        return true;
    }

    public bool Remove(ulong hash)
    {
        int place = Find(hash);
        if (place < 0) return false;
        Unlink(place);
        return true;
    }

    public void Remove(long number)
    {
        if (Has(number)) Unlink(PlaceOf(number));
    }

    /// <summary>
    /// Takes out some rows of the URL; true when there may be more. Whatever shares the hash goes too: that is a miss
    /// and nothing else.
    /// </summary>
    public bool RemoveUrl(uint urlHash)
    {
        int left = CacheLimits.SweptPlaces;
        int next;
        for (int place = _urls[(int)urlHash & (_urls.Length - 1)] - 1; place >= 0 && left > 0; place = next)
        {
            next = _rows[place].NextOfUrl - 1;
            if (_rows[place].UrlHash != urlHash) continue;
            Unlink(place);
            left--;
        }
        return left == 0;
    }

    /// <summary>Takes out what was written in front of this place.</summary>
    public void DropBefore(long at)
    {
        while (_first < _next)
        {
            ref readonly var row = ref _rows[PlaceOf(_first)];
            if (row.IsThere && (row.At == NotYet || row.At >= at)) return;
            DropFirst();
        }
    }

    /// <summary>Takes out some of the rows in front of this number; true when there may be more.</summary>
    public bool DropSome(long number)
    {
        for (int left = CacheLimits.SweptPlaces; left > 0 && _first < number; left--) DropFirst();
        return _first < number;
    }

    private void DropFirst()
    {
        if (_rows[PlaceOf(_first)].IsThere) Unlink(PlaceOf(_first));
        _first++;
    }

    private int Find(ulong hash)
    {
        int place = _keys[(int)hash & (_keys.Length - 1)] - 1;
        while (place >= 0 && _rows[place].Hash != hash) place = _rows[place].NextOfKey - 1;
        return place;
    }

    private void Unlink(int place)
    {
        ref var row = ref _rows[place];
        ref int key = ref _keys[(int)row.Hash & (_keys.Length - 1)];
        while (key != place + 1) key = ref _rows[key - 1].NextOfKey;
        key = row.NextOfKey;
        if (row.NextOfUrl > 0) _rows[row.NextOfUrl - 1].PreviousOfUrl = row.PreviousOfUrl;
        if (row.PreviousOfUrl > 0) _rows[row.PreviousOfUrl - 1].NextOfUrl = row.NextOfUrl;
        else _urls[(int)row.UrlHash & (_urls.Length - 1)] = row.NextOfUrl;
        if (row.At != NotYet) Bytes -= row.Bytes;
        row.IsThere = false;
        Count--;
    }

    private int PlaceOf(long number) => (int)(number & (_rows.Length - 1));

    private struct Row
    {
        public ulong Hash;
        public long At;
        public long Bytes;
        public uint UrlHash;
        public int NextOfKey;
        public int NextOfUrl;
        public int PreviousOfUrl;
        public bool IsThere;
    }
}

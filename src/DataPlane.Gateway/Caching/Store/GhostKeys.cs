namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Keys that were evicted soon after they came, each as half of its hash and when it went: who comes back while he is
/// remembered was worth keeping. A fixed table of four places to a bucket, the oldest of them overwritten; two keys
/// that look the same let one in where it will be evicted again. Under the shard's gate; 0 bytes.
/// </summary>
internal sealed class GhostKeys(int count)
{
    private const int BucketPlaces = 4;

    private readonly uint[] _marks = new uint[count];
    private readonly uint[] _times = new uint[count];
    private uint _now;

    /// <summary>Remembers a key; the clock is the number of keys.</summary>
    public void Add(ulong hash)
    {
        int bucket = BucketOf(hash);
        int oldest = bucket;
        for (int place = bucket; place < bucket + BucketPlaces; place++)
        {
            if (_now - _times[place] > _now - _times[oldest]) oldest = place;
        }
        _marks[oldest] = MarkOf(hash);
        _times[oldest] = _now++;
    }

    /// <summary>It was among the last <paramref name="span"/> keys; from now on it is not.</summary>
    public bool Remove(ulong hash, int span)
    {
        int bucket = BucketOf(hash);
        uint mark = MarkOf(hash);
        for (int place = bucket; place < bucket + BucketPlaces; place++)
        {
            if (_marks[place] != mark || _now - _times[place] > (uint)span) continue;
            _marks[place] = 0;
            return true;
        }
        return false;
    }

    private int BucketOf(ulong hash) => (int)hash & (_marks.Length - 1) & -BucketPlaces;

    // 0 marks nothing.
    private static uint MarkOf(ulong hash) => (uint)(hash >> 32) | 1;
}

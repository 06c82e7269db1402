namespace DataPlane.Gateway.Upstreams.Admission;

/// <summary>
/// One loop's ends of exchanges over the last while, in a ring of buckets. That loop counts; others add up when one of
/// them has seen a failure. Races: a reader may see a bucket in the moment it is emptied for a new time and count a few
/// exchanges too many or too few, which shifts a share of at least a minimum by less than matters. 0 bytes.
/// </summary>
internal sealed class BreakerWindow(int windowMs)
{
    private const int Buckets = 10;

    /// <summary>Two cache lines, in buckets: the windows of neighbouring loops must not share one.</summary>
    private const int Padding = 6;

    private readonly int _bucketMs = Math.Max(1, windowMs / Buckets);
    private readonly Bucket[] _buckets = new Bucket[Buckets + (2 * Padding)];
    private long _bucketEndMs = long.MinValue;
    private long _generation = -1;
    private int _index;

    /// <summary>The owning loop's thread. A new <paramref name="generation"/> forgets all that was counted.</summary>
    public void Count(long nowMs, long generation, bool failed)
    {
        if (nowMs >= _bucketEndMs || generation != _generation) Turn(nowMs, generation);
        ref var bucket = ref _buckets[_index];
        bucket.Total++;
        if (failed) bucket.Failed++;
    }

    /// <summary>Any thread.</summary>
    public void Add(long nowMs, long generation, ref long total, ref long failed)
    {
        long now = nowMs / _bucketMs;
        for (int each = Padding; each < Padding + Buckets; each++)
        {
            ref var bucket = ref _buckets[each];
            if (Volatile.Read(ref bucket.Generation) != generation || now - bucket.Epoch >= Buckets) continue;
            total += bucket.Total;
            failed += bucket.Failed;
        }
    }

    private void Turn(long nowMs, long generation)
    {
        long epoch = nowMs / _bucketMs;
        _index = Padding + (int)(epoch % Buckets);
        _bucketEndMs = (epoch + 1) * _bucketMs;
        _generation = generation;
        ref var bucket = ref _buckets[_index];
        if (bucket.Epoch == epoch && bucket.Generation == generation) return;
        bucket.Total = bucket.Failed = 0;
        bucket.Epoch = epoch;
        Volatile.Write(ref bucket.Generation, generation);
    }

    private struct Bucket
    {
        public long Epoch;
        public long Generation;
        public int Total;
        public int Failed;
    }
}

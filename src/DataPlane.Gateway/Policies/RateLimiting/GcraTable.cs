using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// Virtual scheduling of GCRA over a fixed number of callers: of each only the theoretical arrival time (TAT) is kept,
/// 16 bytes with its key. Buckets of eight, keys in one cache line and times in the next, so a decision touches two.
/// <para>
/// A bucket that is full gives the place of its most relaxed caller to a newcomer, who inherits that caller's time, as
/// counters do in Space-Saving: nobody is ever granted more by being forgotten, and a caller who is ahead of his rate
/// is not forgotten before one who is not. A flood of keys can therefore make newcomers wait, never open the gate.
/// </para>
/// Lock-free: the key of a place and its time are swapped each by one compare-exchange, and every order of the two
/// leaves a time that is too strict for one caller at worst. Two threads that give a full bucket's places to the same
/// newcomer at the same moment may both succeed; the second place is then forgotten, with that one request. Any thread;
/// 0 bytes.
/// </summary>
public sealed class GcraTable : IRateStore
{
    private const int BucketPlaces = 8;
    private const int BucketWords = 2 * BucketPlaces;
    private const int LineWords = 8;

    private readonly long[] _words;
    private readonly int _first;
    private readonly ulong _mask;
    private long _taken;
    private long _evictions;

    /// <summary>Room for <paramref name="callers"/>, rounded up to a power of two.</summary>
    public GcraTable(int callers)
    {
        int buckets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, callers / BucketPlaces));
        _mask = (ulong)buckets - 1;
        _words = GC.AllocateArray<long>((buckets * BucketWords) + LineWords, pinned: true);
        _first = FirstOfLine(_words);
    }

    /// <summary>Callers there is room for.</summary>
    public int Capacity => (int)(_mask + 1) * BucketPlaces;

    /// <summary>Callers that have a place; only ever grows.</summary>
    public long Callers => Volatile.Read(ref _taken);

    /// <summary>Callers who lost their place to another.</summary>
    public long Evictions => Volatile.Read(ref _evictions);

    public bool TryTake(ulong caller, RateLimit limit, int cost, long nowTicks, out RateState state)
    {
        ref long arrival = ref Find(caller);
        long charge = limit.IntervalTicks * cost;
        while (true)
        {
            long known = Volatile.Read(ref arrival);
            long next = Math.Max(known, nowTicks) + charge;
            long wait = next - nowTicks - limit.ToleranceTicks;
            if (wait > 0)
            {
                state = StateOf(limit, known - nowTicks, wait);
                return false;
            }
            if (Interlocked.CompareExchange(ref arrival, next, known) != known) continue;
            state = StateOf(limit, next - nowTicks, 0);
            return true;
        }
    }

    public void Return(ulong caller, RateLimit limit, int cost) =>
        Interlocked.Add(ref Find(caller), -limit.IntervalTicks * cost);

    private static RateState StateOf(RateLimit limit, long aheadTicks, long waitTicks)
    {
        aheadTicks = Math.Max(0, aheadTicks);
        return new RateState((limit.ToleranceTicks - aheadTicks) / limit.IntervalTicks, waitTicks, aheadTicks);
    }

    // Word 0 of an array is 16 bytes into an object: somewhere in a line.
    private static unsafe int FirstOfLine(long[] words)
    {
        fixed (long* first = words)
        {
            int beyond = (int)((nuint)first % (LineWords * sizeof(long)));
            return beyond == 0 ? 0 : LineWords - (beyond / sizeof(long));
        }
    }

    /// <summary>The caller's arrival time, which becomes his when he has none.</summary>
    private ref long Find(ulong caller)
    {
        // 0 marks a free place.
        long key = caller == 0 ? 1 : (long)caller;
        var bucket = _words.AsSpan(_first + ((int)(caller & _mask) * BucketWords), BucketWords);
        int place = bucket[..BucketPlaces].IndexOf(key);
        return ref place >= 0 ? ref bucket[BucketPlaces + place] : ref Settle(bucket, key);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // once per newcomer: not in the way of the others
    private ref long Settle(Span<long> bucket, long key)
    {
        while (true)
        {
            int place = bucket[..BucketPlaces].IndexOf(key);
            if (place >= 0) return ref bucket[BucketPlaces + place];
            place = bucket[..BucketPlaces].IndexOf(0);
            if (place < 0) place = MostRelaxed(bucket[BucketPlaces..]);
            long evicted = Volatile.Read(ref bucket[place]);
            if (evicted == key || Interlocked.CompareExchange(ref bucket[place], key, evicted) != evicted) continue;
            if (evicted == 0) Interlocked.Increment(ref _taken);
            else Interlocked.Increment(ref _evictions);
            return ref bucket[BucketPlaces + place];
        }
    }

    private static int MostRelaxed(Span<long> arrivals)
    {
        int found = 0;
        for (int place = 1; place < arrivals.Length; place++)
        {
            if (arrivals[place] < arrivals[found]) found = place;
        }
        return found;
    }
}

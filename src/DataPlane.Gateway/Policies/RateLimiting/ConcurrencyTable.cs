using System.Numerics;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// How many exchanges of each caller are under way. A place is one word: 48 bits that name the caller within its
/// bucket, and 16 that count; eight places are a cache line, and a bucket is one. Name and count change in one
/// compare-exchange, so a place cannot pass to another caller between looking and counting.
/// <para>
/// A place whose count is 0 is free. When all eight of a bucket are busy with other callers, a newcomer is counted
/// together with the one who has the fewest: stricter for both, never looser for anybody, and no memory is added.
/// </para>
/// Lock-free; any thread; 0 bytes.
/// </summary>
public sealed class ConcurrencyTable : IConcurrencyBound
{
    private const int BucketPlaces = 8;
    private const ulong CountBits = 0xFFFF;

    private readonly ulong[] _words;
    private readonly int _first;
    private readonly ulong _mask;
    private long _shared;

    /// <summary>Room for <paramref name="callers"/>, rounded up to a power of two.</summary>
    public ConcurrencyTable(int callers)
    {
        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, callers / BucketPlaces));
        _mask = (ulong)buckets - 1;
        _words = GC.AllocateArray<ulong>((buckets + 1) * BucketPlaces, pinned: true);
        _first = FirstOfLine(_words);
    }

    /// <summary>Exchanges that were counted together with another caller's, for want of room.</summary>
    public long Shared => Volatile.Read(ref _shared);

    /// <summary>
    /// Counts one more of the caller unless <paramref name="most"/> are under way. <paramref name="place"/> is what
    /// <see cref="Leave"/> wants.
    /// </summary>
    public bool TryEnter(ulong caller, int most, out int place)
    {
        // What chose the bucket need not be in the name.
        ulong name = (caller >> 16) << 16;
        if (name == 0) name = CountBits + 1;
        int first = _first + ((int)(caller & _mask) * BucketPlaces);
        while (true)
        {
            place = Find(name, first, out ulong known);
            ulong count = known & CountBits;
            if (count == 0)
            {
                if (!TrySwap(place, known, name | 1)) continue;
                // Another thread may have taken another place for the same caller: one of the two sees the other.
                if (!IsTwice(name, first, place)) return true;
                Leave(place);
                continue;
            }
            if (count >= (ulong)most) return false;
            if (!TrySwap(place, known, known + 1)) continue;
            if ((known & ~CountBits) != name) Interlocked.Increment(ref _shared);
            return true;
        }
    }

    public void Leave(int place) => Interlocked.Decrement(ref _words[place]);

    // Word 0 of an array is 16 bytes into an object: somewhere in a line.
    private static unsafe int FirstOfLine(ulong[] words)
    {
        fixed (ulong* first = words)
        {
            int beyond = (int)((nuint)first % (BucketPlaces * sizeof(ulong)));
            return beyond == 0 ? 0 : BucketPlaces - (beyond / sizeof(ulong));
        }
    }

    /// <summary>The caller's place, else a free one, else that with the fewest.</summary>
    private int Find(ulong name, int first, out ulong known)
    {
        int found = first;
        known = ulong.MaxValue;
        for (int place = first; place < first + BucketPlaces; place++)
        {
            ulong word = Volatile.Read(ref _words[place]);
            bool isOwn = (word & ~CountBits) == name && (word & CountBits) > 0;
            if (!isOwn && (word & CountBits) >= (known & CountBits)) continue;
            found = place;
            known = word;
            if (isOwn) break;
        }
        return found;
    }

    private bool IsTwice(ulong name, int first, int own)
    {
        for (int place = first; place < first + BucketPlaces; place++)
        {
            ulong word = Volatile.Read(ref _words[place]);
            if (place != own && (word & ~CountBits) == name && (word & CountBits) > 0) return true;
        }
        return false;
    }

    private bool TrySwap(int place, ulong known, ulong next) =>
        Interlocked.CompareExchange(ref _words[place], next, known) == known;
}

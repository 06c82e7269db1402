using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Rows by key: an array of chains. Written under the shard's gate; read without it, by any number of threads.
/// <para>
/// What may race: a reader stands on a row that is taken out, and put in elsewhere, while it reads. It then follows
/// another chain, or a row's new key; a row counts only when it could be acquired and its key, which nothing changes
/// while it is held, is the one sought. So nothing wrong is found; but something may be missed, and therefore whoever
/// found nothing while <c>_moves</c> went up looks again, and after a few times takes it for a miss, which costs a
/// request upstream.
/// </para>
/// </summary>
internal sealed unsafe class KeyIndex(CacheShard shard, int places)
{
    private const int MostTries = 8;

    private nint[] _chains = GC.AllocateArray<nint>(places, pinned: true);
    private int _moves;

    public int Places => _chains.Length;

    /// <summary>The row with this key, acquired; null when there is none. 0 bytes.</summary>
    public EntryRow* Acquire(ulong hash, ReadOnlySpan<byte> key)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            int moves = Volatile.Read(ref _moves);
            var row = Walk(hash, key);
            if (row != null || Volatile.Read(ref _moves) == moves) return row;
        }
        return null;
    }

    /// <summary>The same under the gate, without acquiring it.</summary>
    public EntryRow* Find(ulong hash, ReadOnlySpan<byte> key)
    {
        for (var row = (EntryRow*)Place(hash); row != null; row = (EntryRow*)row->Chain)
        {
            if (row->Hash == hash && row->Key.SequenceEqual(key)) return row;
        }
        return null;
    }

    public void Link(EntryRow* row)
    {
        ref nint place = ref Place(row->Hash);
        row->Chain = place;
        Volatile.Write(ref place, (nint)row);
        row->IsLinked = true;
    }

    public void Unlink(EntryRow* row)
    {
        ref nint link = ref Place(row->Hash);
        while (link != (nint)row) link = ref ((EntryRow*)link)->Chain;
        Volatile.Write(ref link, row->Chain);
        row->IsLinked = false;
        Interlocked.Increment(ref _moves);
    }

    /// <summary>The chain at a place, for those who go through all.</summary>
    public EntryRow* ChainAt(int place) => (EntryRow*)_chains[place];

    /// <summary>More places; look-ups that meet it may miss.</summary>
    public void Grow(int count)
    {
        nint[] before = _chains;
        nint[] chains = GC.AllocateArray<nint>(count, pinned: true);
        foreach (nint first in before)
        {
            for (nint row = first, next; row != 0; row = next)
            {
                next = ((EntryRow*)row)->Chain;
                ref nint place = ref chains[(int)((EntryRow*)row)->Hash & (count - 1)];
                Volatile.Write(ref ((EntryRow*)row)->Chain, place);
                place = row;
            }
        }
        Volatile.Write(ref _chains, chains);
        Interlocked.Increment(ref _moves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the one caller is the look-up
    private EntryRow* Walk(ulong hash, ReadOnlySpan<byte> key)
    {
        nint[] chains = Volatile.Read(ref _chains);
        var row = (EntryRow*)Volatile.Read(ref chains[(int)hash & (chains.Length - 1)]);
        for (; row != null; row = (EntryRow*)Volatile.Read(ref row->Chain))
        {
            if (row->Hash != hash || !EntryRow.TryAcquire(row)) continue;
            if (row->Hash == hash && row->Key.SequenceEqual(key)) return row;
            // Rare: two keys of one hash, or a row that became another's.
            shard.Release(row);
        }
        return null;
    }

    private ref nint Place(ulong hash) => ref _chains[(int)hash & (_chains.Length - 1)];
}

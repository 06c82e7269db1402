using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A fixed set of 64-bit counters that one loop increments and anybody reads. 0 bytes per call. An increment is a load
/// and a store without lock prefix: with a single writer nothing can come between. Readers use acquire loads, so they
/// see every value at most one store late, and never half of it.
/// </summary>
internal sealed class CounterBlock
{
    /// <summary>
    /// One cache line in front of the counters: blocks of two loops that a collection moved next to each other then
    /// share no line, so that no loop's increments steal another's.
    /// </summary>
    private const int PadCells = 8;

    private readonly long[] _cells;

    public CounterBlock(int count) => _cells = new long[PadCells + count];

    public int Count => _cells.Length - PadCells;

    /// <summary>The owning loop's thread only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index, long amount)
    {
        ref long cell = ref _cells[PadCells + index];
        Volatile.Write(ref cell, cell + amount);
    }

    /// <summary>Any thread.</summary>
    public long Read(int index) => Volatile.Read(ref _cells[PadCells + index]);
}

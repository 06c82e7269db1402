namespace DataPlane.Gateway.Recording;

/// <summary>
/// Rows of one loop under a stable index, made on first use. The owning loop adds rows and grows the directory, any
/// thread reads. Races: a reader that holds the directory from before a growth misses rows added after it and finds
/// them the next time it looks; it never misses counts, because both directories refer to the same row objects. A row
/// is stored with release semantics, so nobody sees one half built. Stress test: ShardRowsTests.
/// </summary>
internal sealed class ShardRows<TRow>
    where TRow : class
{
    private const int InitialRows = 16;

    private TRow?[] _rows = new TRow?[InitialRows];

    /// <summary>Slots, used or not. Any thread; never shrinks.</summary>
    public int Count => Volatile.Read(ref _rows).Length;

    /// <summary>Null when the index was never put. Any thread; 0 bytes.</summary>
    public TRow? Find(int index)
    {
        var rows = Volatile.Read(ref _rows);
        return (uint)index < (uint)rows.Length ? Volatile.Read(ref rows[index]) : null;
    }

    /// <summary>
    /// The owning loop's thread only; allocates when the directory must grow, to twice its size at least.
    /// </summary>
    public void Put(int index, TRow row)
    {
        var rows = _rows;
        if (index >= rows.Length)
        {
            var larger = new TRow?[Math.Max(index + 1, rows.Length * 2)];
            rows.CopyTo(larger, 0);
            Volatile.Write(ref _rows, larger);
            rows = larger;
        }
        Volatile.Write(ref rows[index], row);
    }

    /// <summary>
    /// Forgets a row that is no longer wanted. Any thread: an exchange that still counts in it loses that count, and a
    /// directory that grows meanwhile may bring the row back, to be dropped again.
    /// </summary>
    public void Drop(int index)
    {
        var rows = Volatile.Read(ref _rows);
        if ((uint)index < (uint)rows.Length) Volatile.Write(ref rows[index], null);
    }
}

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>A number that every loop adds to: a cell each, two cache lines apart.</summary>
public sealed class RefusalCount(int loops)
{
    private const int CellsPerLoop = 16;

    // The first group is padding.
    private readonly long[] _cells = new long[(loops + 1) * CellsPerLoop];

    /// <summary>Loop thread; 0 bytes.</summary>
    public void Add(int loop)
    {
        ref long cell = ref _cells[(loop + 1) * CellsPerLoop];
        Volatile.Write(ref cell, cell + 1);
    }

    /// <summary>Any thread.</summary>
    public long Read()
    {
        long sum = 0;
        for (int cell = CellsPerLoop; cell < _cells.Length; cell += CellsPerLoop)
            sum += Volatile.Read(ref _cells[cell]);
        return sum;
    }
}

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What the process has in memory, read as often as one likes: <see cref="Environment.WorkingSet"/> allocates 4 KB each
/// time. One thread at a time.
/// </summary>
public sealed class ResidentMemory : IDisposable
{
    // Pages: of the address space first, then of what is resident (proc(5)).
    private const int ResidentColumn = 1;

    private readonly ProcFile _file = new("/proc/self/statm");

    /// <summary>Bytes. 0 bytes allocated where there is /proc.</summary>
    public long Read()
    {
        var columns = _file.Read();
        long pages = columns.IsEmpty ? -1 : ProcFile.ColumnOf(columns, ResidentColumn);
        return pages >= 0 ? pages * Environment.SystemPageSize : Environment.WorkingSet;
    }

    public void Dispose() => _file.Dispose();
}

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Keeps collections short while a configuration is applied. Each one stops the loops for as long as it takes to copy
/// what lives, and a third of what is read and compiled does: left alone, the collector waits for tens of megabytes and
/// then stops everybody for as many milliseconds. This one asks for many small ones, closer together where more lives.
/// Used by one thread, for one change.
/// </summary>
internal sealed class CollectionPace : IDisposable
{
    /// <summary>Copied by one collection: about 2 ms of a core, well below what shows at the 99th percentile.</summary>
    private const double CopiedBytes = 1.25 * 1024 * 1024;

    // Bytes between two collections: below, what each of them costs by itself is most of it.
    private const long LeastStep = 1024 * 1024;
    private const long MostStep = 6 * 1024 * 1024;

    private const int EntriesPerLook = 64;

    private long _step = 2 * LeastStep;
    private long _allocated = GC.GetAllocatedBytesForCurrentThread();
    private int _entries;

    /// <summary>Called for each entry that is read or compiled.</summary>
    public void Step()
    {
        if (++_entries % EntriesPerLook == 0) Look();
    }

    /// <summary>
    /// After it serves: large texts and tables have brought a collection of everything nearer, which runs beside the
    /// loops but on their cores. Better now, if it is due, than in the middle of the next change.
    /// </summary>
    public void Dispose() => GC.Collect(generation: 2, GCCollectionMode.Optimized, blocking: false);

    private void Look()
    {
        long now = GC.GetAllocatedBytesForCurrentThread();
        if (now - _allocated < _step) return;
        _allocated = now;
        // The one above as well: it is the second copy, and grows until it is as long as what this avoids.
        GC.Collect(generation: 1, GCCollectionMode.Forced, blocking: true);
        // By bytes and not by the time it took: on a busy machine that says more of others than of what lives.
        double copied = Math.Max(CopiedBytes / 2, GC.GetGCMemoryInfo(GCKind.Any).PromotedBytes);
        _step = (long)Math.Clamp(_step * CopiedBytes / copied, LeastStep, MostStep);
    }
}

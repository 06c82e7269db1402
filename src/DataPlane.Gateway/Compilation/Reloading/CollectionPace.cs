namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Keeps collections short while a configuration is applied. Each one stops the loops for as long as it takes to copy
/// what lives, and a third of what is read and compiled does: left alone, the collector waits for tens of megabytes and
/// then stops everybody for as many milliseconds. This one asks for many small ones. Used by one thread, for one
/// change.
/// </summary>
internal sealed class CollectionPace
{
    /// <summary>Bytes: a third of them lives, and costs about 3 ms to copy on a busy core.</summary>
    private const long StepBytes = 3 * 1024 * 1024;

    private const int EntriesPerLook = 64;

    private long _allocated = GC.GetAllocatedBytesForCurrentThread();
    private int _entries;

    /// <summary>Called for each entry that is read or compiled.</summary>
    public void Step()
    {
        if (++_entries % EntriesPerLook == 0) Look();
    }

    private void Look()
    {
        long now = GC.GetAllocatedBytesForCurrentThread();
        if (now - _allocated < StepBytes) return;
        _allocated = now;
        // The one above as well: it is the second copy, and grows until it is as long as what this avoids.
        GC.Collect(generation: 1, GCCollectionMode.Forced, blocking: true);
    }
}

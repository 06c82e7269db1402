using System.Runtime;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Keeps the collector still while a large configuration is read and compiled. Each collection would stop every loop
/// for as long as it takes to copy the half-built tree, many times over; afterwards the tree is dead and costs nothing.
/// Needs the room for everything that is allocated in between, and does nothing when the machine has not got plenty.
/// </summary>
internal sealed class StillHeap : IDisposable
{
    /// <summary>Characters below which a collection or two do not show.</summary>
    private const long LeastSource = 64 * 1024;

    /// <summary>Bytes allocated per character: 165 were measured for routes with rules and rewrites.</summary>
    private const long BytesPerCharacter = 200;

    /// <summary>Of the memory this process may use, at most one part in so many.</summary>
    private const long PartOfMemory = 4;

    private StillHeap()
    {
    }

    /// <summary>Null when there is no need, or no room.</summary>
    public static StillHeap? TryEnter(long sourceCharacters)
    {
        long bytes = sourceCharacters * BytesPerCharacter;
        if (sourceCharacters < LeastSource) return null;
        if (bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / PartOfMemory) return null;
        try
        {
            return GC.TryStartNoGCRegion(bytes, disallowFullBlockingGC: true) ? new StillHeap() : null;
        }
        catch (Exception failure) when (failure is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // More than the collector can promise, or somebody else is in such a region.
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            // It ends by itself when more was allocated than was promised.
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // It ended between the question and the call.
        }
    }
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// How short of memory the process is, as exchanges see it: one read of a flag. Written by whoever watches the memory;
/// any thread.
/// </summary>
public sealed class MemoryPressure
{
    private volatile MemoryLevel _level;

    public MemoryLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <summary>New exchanges are answered 503.</summary>
    public bool IsCritical => _level == MemoryLevel.Critical;
}

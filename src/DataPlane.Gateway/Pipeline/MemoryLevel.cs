namespace DataPlane.Gateway.Pipeline;

/// <summary>What is given up for want of memory: each level what those before it do, and more.</summary>
public enum MemoryLevel
{
    /// <summary>Nothing.</summary>
    Normal,

    /// <summary>Idle connections, those that have been idle longest first.</summary>
    High,

    /// <summary>New connections and new exchanges.</summary>
    Critical,
}

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Where a generation stands, or how it ended.</summary>
public enum GenerationState
{
    /// <summary>Serves a share of the connections, or all of them on trial.</summary>
    RollingOut,
    InForce,

    /// <summary>Failed too often while it was rolled out: the one before it serves again.</summary>
    RolledBack,

    /// <summary>Another one came after it.</summary>
    Superseded,
}

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>How an attempt to change the configuration ended.</summary>
public enum ReloadStatus
{
    /// <summary>The new generation serves, or has begun to be rolled out.</summary>
    Applied,

    /// <summary>It has errors; the one before it serves.</summary>
    Refused,

    /// <summary>It was made for another version than the one in force; nothing was read.</summary>
    Stale,
}

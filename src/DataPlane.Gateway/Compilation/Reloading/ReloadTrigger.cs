namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Why a configuration was read.</summary>
public enum ReloadTrigger
{
    Start,

    /// <summary>A file of the configuration changed.</summary>
    FileChange,

    /// <summary>SIGHUP.</summary>
    Signal,

    /// <summary><c>PUT /config</c>.</summary>
    Request,
}

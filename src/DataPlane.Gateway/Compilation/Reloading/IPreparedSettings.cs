namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// What a configuration needs, opened and not yet in use. Disposing closes it again, and does nothing once it is in
/// use. One thread at a time.
/// </summary>
public interface IPreparedSettings : IDisposable
{
    /// <summary>Puts it to use; returns at once, and cannot fail.</summary>
    void Apply();
}

using DataPlane.Gateway.Compilation.Reloading;

namespace DataPlane.Hosting;

/// <summary>Listeners that are bound and not yet open, and those that will be closed.</summary>
internal sealed class PreparedListeners(Action apply, Action close) : IPreparedSettings
{
    private bool _isInUse;

    public void Apply()
    {
        _isInUse = true;
        apply();
    }

    public void Dispose()
    {
        if (!_isInUse) close();
    }
}

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// State that snapshots share. The table holds it for some generations that do not ask for it; from then on only those
/// who still use it do, an unchanged route or a connection of an old generation for instance.
/// </summary>
internal sealed class KeptState(object state, object? settings, long generation)
{
    private readonly WeakReference<object> _weak = new(state);
    private object? _state = state;
    private long _generation = generation;

    public object? Settings { get; } = settings;

    /// <summary>The state, asked for by this generation; null when it is gone.</summary>
    public object? TryUse(long generation)
    {
        if (!_weak.TryGetTarget(out var found)) return null;
        _state = found;
        _generation = generation;
        return found;
    }

    /// <summary>True when nobody has asked since <paramref name="eldest"/>, and nobody uses it either.</summary>
    public bool IsForgotten(long eldest)
    {
        if (_generation >= eldest) return false;
        _state = null;
        return !_weak.TryGetTarget(out _);
    }
}

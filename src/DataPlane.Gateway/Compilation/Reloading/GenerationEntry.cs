namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// What happens once a generation is in force for good: the process follows its settings, and it is kept as the last
/// good one. Made or left, once.
/// </summary>
public sealed class GenerationEntry(IPreparedSettings? settings, Action keep)
{
    public void Make()
    {
        settings?.Apply();
        keep();
    }

    /// <summary>It was rolled back, or another one came.</summary>
    public void Leave() => settings?.Dispose();
}

using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Labels rendered once for sources whose values are strings of the configuration. One scrape at a time; 0 bytes for a
/// value seen before.
/// </summary>
public sealed class LabelCache(string name)
{
    private readonly Dictionary<string, byte[]> _rendered = new(StringComparer.Ordinal);

    /// <summary><c>name="value"</c>, escaped.</summary>
    public byte[] Of(string value)
    {
        // Names come and go with reloads; starting over costs one scrape.
        if (_rendered.Count > RecordingLimits.CachedLabels) _rendered.Clear();
        ref byte[]? rendered = ref CollectionsMarshal.GetValueRefOrAddDefault(_rendered, value, out _);
        return rendered ??= MetricLabel.Render(name, value);
    }
}

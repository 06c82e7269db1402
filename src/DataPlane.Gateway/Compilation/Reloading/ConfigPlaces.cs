using DataPlane.Config;
using DataPlane.Config.Reading;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Where the keys of a configuration were written. Any thread.</summary>
public sealed class ConfigPlaces(ConfigResult result)
{
    /// <summary>
    /// A key such as <c>accessLog.to</c>, or the section that would have it; the first line when that is not there
    /// either.
    /// </summary>
    public SourceMark Of(string key)
    {
        var place = new SourceMark(result.Sources[0].Path, 1, 1);
        ConfigNode? node = result.Root;
        foreach (string part in key.Split('.'))
        {
            if ((node as MappingNode)?.Find(part) is not { } entry) break;
            place = entry.Key.Mark;
            node = entry.Value;
        }
        return place;
    }

    /// <summary>Whether the section of a key was written.</summary>
    public bool Has(string key) => (result.Root as MappingNode)?.Find(key.Split('.')[0]) is not null;

    /// <summary>An error: the key has a value that the running process cannot take.</summary>
    public void RefuseChange(string key, ConfigErrors errors) => errors.Add(
        Of(key), key, "cannot change while the gateway runs", "restart the gateway, or write what it was");
}

using DataPlane.Config;
using DataPlane.Config.Reading;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Where the sections of a configuration were written. Any thread.</summary>
public sealed class ConfigPlaces(ConfigResult result)
{
    /// <summary>The section of a key such as <c>accessLog.to</c>; the first line when it was not written.</summary>
    public SourceMark Of(string key) => Find(key)?.Mark ?? new SourceMark(result.Sources[0].Path, 1, 1);

    /// <summary>Whether the section of a key was written.</summary>
    public bool Has(string key) => Find(key) is not null;

    private ScalarNode? Find(string key) => (result.Root as MappingNode)?.Find(key.Split('.')[0])?.Key;
}

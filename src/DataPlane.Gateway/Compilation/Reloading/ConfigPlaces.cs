using DataPlane.Config;
using DataPlane.Config.Reading;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Where the sections of a configuration were written. Any thread.</summary>
public sealed class ConfigPlaces(ConfigResult result)
{
    /// <summary>The section of a key such as <c>accessLog.to</c>; the first line when it was not written.</summary>
    public SourceMark Of(string key)
    {
        string section = key.Split('.')[0];
        var start = new SourceMark(result.Sources[0].Path, 1, 1);
        return (result.Root as MappingNode)?.Find(section)?.Key.Mark ?? start;
    }
}

using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Where the process has its configuration from, with the overrides of its command line, which hold for everything it
/// is given later as well. Any thread.
/// </summary>
public sealed class ConfigSource
{
    private readonly string _file;
    private readonly string? _text;
    private readonly IReadOnlyDictionary<string, string>? _overrides;
    private readonly ConfigEnvironment _environment;

    // Any load's: what was written the same means the same, whether it came into force or not.
    private KeptRoutes? _kept;

    private ConfigSource(
        string file, string? text, IReadOnlyDictionary<string, string>? overrides, ConfigEnvironment environment)
    {
        _file = file;
        _text = text;
        _overrides = overrides;
        _environment = environment;
    }

    /// <summary>The file to watch; null when the configuration is not in one.</summary>
    public string? File => _text is null ? _file : null;

    public static ConfigSource OfFile(
        string file, IReadOnlyDictionary<string, string>? overrides, ConfigEnvironment environment) =>
        new(file, text: null, overrides, environment);

    /// <summary>A configuration inside the program, such as the demo.</summary>
    public static ConfigSource OfText(
        string name, string text, IReadOnlyDictionary<string, string>? overrides, ConfigEnvironment environment) =>
        new(name, text, overrides, environment);

    /// <summary><paramref name="pace"/> is called for each route that was looked at.</summary>
    public ConfigLoad Load(Action? pace = null)
    {
        var watched = new WatchedFiles(_environment with { Pace = pace });
        var result = _text is null
            ? ConfigLoader.Load(_file, _overrides, watched.Environment, extensions: null, _kept)
            : ConfigLoader.Parse(Encoding.UTF8.GetBytes(_text), _file, _overrides, watched.Environment, null, _kept);
        _kept = result.Kept ?? _kept;
        return new ConfigLoad(result, watched);
    }

    /// <summary>
    /// Reads what a request brought: paths in it start where those of the file do.
    /// </summary>
    public ConfigLoad Read(ReadOnlyMemory<byte> body, Action? pace = null)
    {
        var watched = new WatchedFiles(_environment with { Pace = pace });
        string name = Path.Combine(Path.GetDirectoryName(_file) ?? "", "request-body");
        var result = ConfigLoader.Parse(body.Span, name, _overrides, watched.Environment, extensions: null, _kept);
        _kept = result.Kept ?? _kept;
        return new ConfigLoad(result, watched);
    }

    /// <summary>Reads files kept from an earlier time in place of those on disk; secrets come from the disk.</summary>
    public ConfigLoad Load(IReadOnlyList<SourceFile> kept)
    {
        var texts = kept.ToDictionary(each => each.Path, each => each.Text, StringComparer.Ordinal);
        var environment = _environment with
        {
            ReadFile = (path, most) => texts.TryGetValue(path, out string? text)
                ? Encoding.UTF8.GetBytes(text)
                : _environment.ReadFile(path, most),
            ListFiles = (folder, pattern) =>
            [
                .. texts.Keys.Where(path => (Path.GetDirectoryName(path) ?? "") == folder
                    && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(
                        pattern, Path.GetFileName(path), ignoreCase: false)),
            ],
        };
        var watched = new WatchedFiles(environment);
        return new ConfigLoad(ConfigLoader.Load(kept[0].Path, _overrides, watched.Environment), watched);
    }
}

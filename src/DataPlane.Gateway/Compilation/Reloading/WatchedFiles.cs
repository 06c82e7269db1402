using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The files one load has read or wished to read, includes and secrets as well, each as it was just before. Made anew
/// for every load.
/// </summary>
public sealed class WatchedFiles
{
    private readonly ConfigEnvironment _inner;
    private readonly Dictionary<string, FileStamp> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Folder, string Pattern), string> _lists = [];

    public WatchedFiles(ConfigEnvironment inner)
    {
        _inner = inner;
        Environment = inner with { ReadFile = ReadFile, ListFiles = ListFiles };
    }

    /// <summary>What the loader is to read through.</summary>
    public ConfigEnvironment Environment { get; }

    /// <summary>How the files stand now; equal to <see cref="AsRead"/> as long as nothing has changed.</summary>
    public string Now() => Describe(
        _files.Keys.Select(path => (path, FileStamp.Of(path))),
        _lists.Keys.Select(key => (key, Names(key.Folder, key.Pattern))));

    public string AsRead() => Describe(
        _files.Select(each => (each.Key, each.Value)), _lists.Select(each => (each.Key, each.Value)));

    private static string Describe(
        IEnumerable<(string Path, FileStamp Stamp)> files,
        IEnumerable<((string Folder, string Pattern) Key, string Names)> lists) =>
        string.Join('\n', files.Select(each => $"{each.Path} {each.Stamp}"))
            + "\n" + string.Join('\n', lists.Select(each => $"{each.Key} {each.Names}"));

    private byte[] ReadFile(string path, int most)
    {
        // Looked at before it is read: a change in between shows at the next look, none is missed.
        _files[path] = FileStamp.Of(path);
        return _inner.ReadFile(path, most);
    }

    private IReadOnlyList<string> ListFiles(string folder, string pattern)
    {
        _lists[(folder, pattern)] = Names(folder, pattern);
        return _inner.ListFiles(folder, pattern);
    }

    private string Names(string folder, string pattern)
    {
        try
        {
            return string.Join(',', _inner.ListFiles(folder, pattern).Order(StringComparer.Ordinal));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

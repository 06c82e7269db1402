using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Paths that are written relative to the file that names them.</summary>
internal static class FilePath
{
    /// <summary>Absolute.</summary>
    public static string Of(NodeReader reader, string key, string file)
    {
        string written = reader.String(key);
        if (written.Length == 0 || written.Contains('\0'))
        {
            reader.Error(key, "is not a path", "write the path of a file");
            return "/";
        }
        string folder = Path.GetDirectoryName(file) ?? "";
        return Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, written));
    }
}

using System.Text.Json;

namespace DataPlane.Tests;

/// <summary>The vectors in <c>shared/corpora</c> beside the repository. They are not part of it, so a test that needs
/// them says that it was skipped, and passes, where they are absent.</summary>
internal static class SharedCorpora
{
    public static bool TryFind(string relativePath, out string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            path = Path.Combine(folder.FullName, "shared", "corpora", relativePath);
            if (File.Exists(path) || Directory.Exists(path))
                return true;
        }

        path = "";
        Skipped.Say($"no shared/corpora/{relativePath} above the test's folder");
        return false;
    }

    public static bool TryRead(string relativePath, out JsonDocument document)
    {
        if (!TryFind(relativePath, out var path))
        {
            document = null!;
            return false;
        }

        document = JsonDocument.Parse(File.ReadAllBytes(path));
        return true;
    }
}

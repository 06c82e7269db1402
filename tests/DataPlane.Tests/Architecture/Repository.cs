namespace DataPlane.Tests.Architecture;

/// <summary>The working tree these tests were built from, found by walking up from the test assembly.</summary>
internal static class Repository
{
    private static readonly string[] s_buildFolders = ["bin", "obj", "node_modules", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths below the root, with forward slashes, of the files with one of these extensions.</summary>
    public static IReadOnlyList<string> Files(string folder, params string[] extensions)
    {
        var start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
            return [];
        return
        [
            .. Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal))
                .Where(file => !file.Split('/').Any(part => s_buildFolders.Contains(part, StringComparer.Ordinal)))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Every C# file that is ours.</summary>
    public static IReadOnlyList<string> Sources =>
        [.. new[] { "src", "tests", "perf", "tools" }.SelectMany(folder => Files(folder, ".cs"))];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DataPlane.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException("DataPlane.sln is not above " + AppContext.BaseDirectory);
    }
}

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The bootstraps of this program as files, in a folder of the process's own that nobody else may write to. Made when
/// the first function needs them, removed with the gateway.
/// </summary>
internal sealed class BootstrapFiles : IDisposable
{
    private static readonly string[] s_names =
        ["node.cjs", "python.py", "dotnet.dll", "dotnet.runtimeconfig.json"];

    private readonly Lazy<string> _folder = new(Create);

    public string Folder => _folder.Value;

    public string Node => Path.Combine(Folder, "node.cjs");

    public string Python => Path.Combine(Folder, "python.py");

    public string Dotnet => Path.Combine(Folder, "dotnet.dll");

    /// <summary>Of class libraries that bring none.</summary>
    public string DotnetSettings => Path.Combine(Folder, "dotnet.runtimeconfig.json");

    public void Dispose()
    {
        if (!_folder.IsValueCreated) return;
        try
        {
            Directory.Delete(_folder.Value, recursive: true);
        }
        catch (IOException)
        {
            // A process of a function still reads there; the system empties its temporary folder.
        }
    }

    private static string Create()
    {
        string folder = Directory.CreateTempSubdirectory("dataplane-runtimes-").FullName;
        foreach (string name in s_names)
        {
            using var source = typeof(BootstrapFiles).Assembly.GetManifestResourceStream("DataPlane.Lambda." + name)!;
            using var target = File.Create(Path.Combine(folder, name));
            source.CopyTo(target);
        }
        return folder;
    }
}

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The bootstraps of this program as files, in a folder of the process's own that nobody else may write to. Made when
/// the first function needs them, removed with the gateway.
/// </summary>
internal sealed class BootstrapFiles : IDisposable
{
    private readonly Lazy<string> _folder = new(Create);

    public string Folder => _folder.Value;

    public string Node => Path.Combine(Folder, "node.mjs");

    public string Python => Path.Combine(Folder, "python.py");

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
        foreach (string name in (string[])["node.mjs", "python.py"])
        {
            using var source = typeof(BootstrapFiles).Assembly.GetManifestResourceStream("DataPlane.Lambda." + name)!;
            using var target = File.Create(Path.Combine(folder, name));
            source.CopyTo(target);
        }
        return folder;
    }
}

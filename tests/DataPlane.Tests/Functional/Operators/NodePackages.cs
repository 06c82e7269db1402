using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>
/// A folder of scripts for Node with the packages they use. Installed once per run, into a folder of its own, by the
/// versions and digests of package-lock.json.
/// </summary>
/// <param name="source">The folder of the scripts, from the root of the repository.</param>
public abstract class NodePackages(string source) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplane-node-").FullName;

    public async Task InitializeAsync()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, source)))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        var (status, said) = await RealTool.RunAsync(
            "npm", "npm", "ci", "--prefix", _folder, "--no-audit", "--no-fund", "--ignore-scripts");
        Assert.True(status == 0, said);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    protected string PathOf(string script) => Path.Combine(_folder, script);
}

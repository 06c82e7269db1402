using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Lambda;

/// <summary>
/// Node with AWS's own client of Lambda. Installed once per run, into a folder of its own, by the versions and digests
/// of package-lock.json.
/// </summary>
public sealed class NodeClient : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplane-aws-sdk-").FullName;

    public async Task InitializeAsync()
    {
        string source = Path.Combine(Repository.Root, "tests/DataPlane.Tests/Lambda/Node");
        foreach (string file in Directory.GetFiles(source))
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

    internal Task<(int ExitCode, string Said)> RunAsync(params string[] arguments) =>
        RealTool.RunAsync("node", "nodejs", [Path.Combine(_folder, "client.mjs"), .. arguments]);
}

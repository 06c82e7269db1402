using System.Diagnostics;
using System.Security.Cryptography;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Lambda;

/// <summary>
/// npm's <c>aws-lambda-ric</c> and a function beside it. It compiles itself, curl included, which takes a minute or
/// two: what was built stays in the temporary folder for the next run.
/// </summary>
public sealed class NodeRuntimeClient : IAsyncLifetime
{
    private const string Source = "tests/DataPlane.Tests/Lambda/RuntimeClient";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    private static readonly (string Program, string Package)[] s_needed =
    [
        ("cmake", "cmake"), ("g++", "g++"), ("make", "make"), ("autoconf", "autoconf"), ("automake", "automake"),
        ("libtoolize", "libtool"), ("python3", "python3"), ("npm", "npm"),
    ];

    /// <summary>The code folder of a function.</summary>
    public string Folder { get; private set; } = "";

    public async Task InitializeAsync()
    {
        string source = Path.Combine(Repository.Root, Source);
        string kept = Path.Combine(Path.GetTempPath(), "dataplane-runtime-client-" + DigestOf(source));
        if (!Directory.Exists(kept)) await BuildAsync(source, kept);
        Folder = kept;
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)), overwrite: true);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static async Task BuildAsync(string source, string target)
    {
        foreach (var (program, package) in s_needed)
        {
            bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
                .Any(folder => File.Exists(Path.Combine(folder, program)));
            Assert.True(isThere, $"{program} is missing: apt-get install {package} (tests/run does it).");
        }
        string folder = Directory.CreateTempSubdirectory("dataplane-building-").FullName;
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Node's headers are where Debian has them: nothing is to be fetched for them.
        if (Directory.Exists("/usr/include/node")) start.Environment["npm_config_nodedir"] = "/usr";
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(s_patience);
        Assert.True(process.ExitCode == 0, string.Concat(await said));
        try
        {
            Directory.Move(folder, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another run was faster.
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string DigestOf(string source) => Convert.ToHexStringLower(
        SHA256.HashData(File.ReadAllBytes(Path.Combine(source, "package-lock.json"))).AsSpan(0, 8));
}

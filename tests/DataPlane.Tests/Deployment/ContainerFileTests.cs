using System.Text.Json;
using DataPlane.Config;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Deployment;

/// <summary>The container file, as far as it can be looked at without building it.</summary>
public sealed class ContainerFileTests
{
    private const string Folder = "deploy/docker";

    private static readonly string[] s_lines = Repository.Read(Folder + "/Dockerfile").Split('\n');

    [Fact]
    public void Image_DoesNotRunAsRoot() =>
        Assert.Matches("^USER [1-9][0-9]*$", s_lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));

    [Fact]
    public void CopiedFiles_ExistAndAreNotIgnored()
    {
        string[] kept =
        [
            .. Repository.Read(Folder + "/Dockerfile.dockerignore").Split('\n')
                .Where(line => line.StartsWith('!')).Select(line => line[1..]),
        ];
        var sources = s_lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal))
            .Where(line => !line.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).Select(source => source.TrimEnd('/')).ToList();
        Assert.InRange(sources.Count, 4, 20);
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source);
            Assert.Contains(source, kept);
        });
    }

    [Fact]
    public void Configuration_LoadsAndKeepsTheAdminListenerInside()
    {
        var result = ConfigLoader.Parse(Repository.Read(Folder + "/gateway.yaml"), "gateway.yaml");
        Assert.Empty(result.Errors);
        Assert.True(result.Config!.Admin.Address.IsLocal);
        Assert.Contains($"EXPOSE {result.Config.Listeners[0].Address.EndPoint!.Port}", s_lines);
    }

    [LinuxFact]
    public async Task HealthCheck_TellsARunningGatewayFromNone()
    {
        string line = s_lines.Single(each => each.StartsWith("HEALTHCHECK ", StringComparison.Ordinal));
        string[] command = JsonSerializer.Deserialize<string[]>(line[line.IndexOf('[', StringComparison.Ordinal)..])!;
        Assert.Contains($"/{new AdminConfig().Address.EndPoint!.Port} ", command[2], StringComparison.Ordinal);
        int port = GatewayProcess.FreePort();
        string script = command[2].Replace("8081", $"{port}", StringComparison.Ordinal);
        Assert.NotEqual(0, (await RealTool.RunAsync(command[0], "bash", command[1], script)).ExitCode);
        string sets = $"--set listeners.public.address=127.0.0.1:0 --set admin.address=127.0.0.1:{port}";
        await using var gateway = GatewayProcess.Start($"run {sets} --set accessLog.to=off");
        await gateway.SaysAsync("admin on");
        Assert.Equal(0, (await RealTool.RunAsync(command[0], "bash", command[1], script)).ExitCode);
    }
}

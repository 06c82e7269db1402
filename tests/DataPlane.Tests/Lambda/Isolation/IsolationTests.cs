using System.Diagnostics;
using DataPlane.Lambda.Hosting.Isolation;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda.Isolation;

/// <summary>What functions cannot do to the machine, as far as it permits that.</summary>
public sealed class IsolationTests
{
    private const string Raw = "event: raw";

    private const string Prober =
        """
        import { readFileSync, writeFileSync } from 'node:fs';
        import { networkInterfaces } from 'node:os';
        import net from 'node:net';
        const attempt = (work) => { try { return work() ?? 'fine'; } catch (error) { return error.code; } };
        const connect = (port) => new Promise((done) => {
          const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); done('fine'); });
          socket.on('error', (error) => done(error.code));
        });
        export const handler = async (event) => ({
          write: attempt(() => writeFileSync(new URL('./left.txt', import.meta.url), 'x')),
          connect: event.port ? await connect(event.port) : '',
          networks: Object.keys(networkInterfaces()),
          groups: readFileSync('/proc/self/cgroup', 'utf8'),
        });
        """;

    [Theory]
    [SocketWire("", "EROFS")]
    [SocketWire("readOnlyCode: false", "fine")]
    public async Task CodeFolder_IsReadOnlyUnlessSaid(Wire wire, string keys, string result)
    {
        if (!Permits("--mount")) return;
        await using var folder = new FunctionFolder().Node(Prober);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", more: Joined("log: off, watch: false", keys), target: Raw));
        Assert.Contains(
            $"\"write\":\"{result}\"", (await FunctionCallTests.PostAsync(gateway, "{}")).Text,
            StringComparison.Ordinal);
        // To everybody else it is what it was.
        folder.File("mine.txt", "x");
    }

    [Theory]
    [SocketWire]
    public async Task FolderThatTakesTheOthersPlace_IsWhatRunsNext(Wire wire)
    {
        await using var folder = new FunctionFolder();
        string code = Path.Combine(folder.Path, "code");
        folder.File("code/index.mjs", "export const handler = async () => 'one';");
        folder.File("next/index.mjs", "export const handler = async () => 'two';");
        await using var gateway = await TestGateway.StartAsync(
            wire,
            folder.Yaml("nodejs20.x", more: "log: off, watch: false, maxInvocations: 1", target: Raw)
                .Replace($"\"{folder.Path}\"", $"\"{code}\"", StringComparison.Ordinal));
        Assert.Equal("\"one\"", (await FunctionCallTests.PostAsync(gateway, "{}")).Text);
        Directory.Move(code, Path.Combine(folder.Path, "before"));
        Directory.Move(Path.Combine(folder.Path, "next"), code);
        await Eventually.HoldsAsync(
            async () => (await FunctionCallTests.PostAsync(gateway, "{}")).Text == "\"two\"", "the other folder");
    }

    [Theory]
    [SocketWire]
    public async Task FunctionWithoutNetwork_ReachesNobody(Wire wire)
    {
        if (!Permits("--net")) return;
        await using var folder = new FunctionFolder().Node(Prober);
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        await gateway.StartAsync(folder.Yaml("nodejs20.x", more: "log: off, network: none", target: Raw));
        var answer = await FunctionCallTests.PostAsync(gateway, $"{{\"port\":{gateway.Port}}}");
        Assert.Contains("\"connect\":\"ECONNREFUSED\"", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"networks\":[\"lo\"]", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task BootstrapWithoutNetwork_StillReachesItsRuntimeApi(Wire wire)
    {
        if (!Permits("--net")) return;
        await using var folder = new FunctionFolder().Bootstrap(FunctionCallTests.BashBootstrap);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("provided.al2023", "fn.go", "log: off, network: none", Raw));
        for (int turn = 0; turn < 2; turn++)
        {
            var response = await FunctionCallTests.PostAsync(gateway, """{"turn":1}""");
            Assert.Equal("""{"handler":"fn.go","event":{"turn":1}}""", response.Text);
        }
    }

    [Theory]
    [SocketWire]
    public async Task ChildThatEatsMemory_IsEndedWithinTheBound(Wire wire)
    {
        var groups = ControlGroups.OfThisProcess();
        if (!groups.Has(ControlGroups.Memory)) return;
        await using var folder = new FunctionFolder().Python(
            """
            import subprocess, sys
            def handler(event, context):
                return subprocess.run([sys.executable, "-c", "b'x' * (400 << 20)"]).returncode
            """);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("python3.11", "app.handler", "log: off, timeout: 60s, memory: 128MiB", Raw));
        var answer = await FunctionCallTests.PostAsync(gateway, "{}");
        // With one version the kernel ends the largest process, with the other all of them.
        bool isEnded = answer.Text == "-9" || answer.Text.Contains("signal: killed", StringComparison.Ordinal);
        Assert.True(isEnded, answer.Text);
    }

    [Theory]
    [SocketWire]
    public async Task Processors_AreBoundedAndTheGroupGoesWithItsEnvironment(Wire wire)
    {
        var groups = ControlGroups.OfThisProcess();
        if (!groups.Has(ControlGroups.Processor)) return;
        await using var folder = new FunctionFolder().Node(Prober);
        string group;
        await using (var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", more: "log: off, processors: 0.5", target: Raw)))
        {
            using var json = System.Text.Json.JsonDocument.Parse(
                (await FunctionCallTests.PostAsync(gateway, "{}")).Body);
            string lines = json.RootElement.GetProperty("groups").GetString()!;
            group = groups.IsSecond
                ? "/sys/fs/cgroup" + PathIn(lines, "")
                : "/sys/fs/cgroup/cpu" + PathIn(lines, "cpu");
            string bound = File.ReadAllText(Path.Combine(group, groups.IsSecond ? "cpu.max" : "cpu.cfs_quota_us"));
            Assert.StartsWith("50000", bound, StringComparison.Ordinal);
        }
        Assert.Contains("dataplane-", group, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => !Directory.Exists(group), "the end of " + group);
    }

    private static string PathIn(string lines, string controller) => lines.Split('\n')
        .Select(line => line.Split(':', 3)).First(parts => parts[1].Split(',').Contains(
            controller, StringComparer.Ordinal))[2];

    private static string Joined(string keys, string more) => more.Length == 0 ? keys : keys + ", " + more;

    /// <summary>Asks a program that has nothing to do with ours.</summary>
    private static bool Permits(string kind)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/unshare", [kind, "true"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

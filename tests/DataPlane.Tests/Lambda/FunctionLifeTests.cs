using System.Globalization;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Hosting;

namespace DataPlane.Tests.Lambda;

/// <summary>Functions that misbehave, die, change, or are too many at once: the next request is unaffected.</summary>
public sealed class FunctionLifeTests
{
    private const string Raw = "event: raw";

    private const string Chaos =
        """
        import { spawn, execSync } from 'node:child_process';
        export const handler = async (event) => {
          switch (event.do) {
            case 'hang': for (;;) {}
            case 'exit': process.exit(event.code);
            case 'kill': process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1e6));
            case 'flood': for (let i = 0; i < 20000; i++) console.log('x'.repeat(200)); return 'flooded';
            case 'fork': {
              const own = spawn('sleep', ['1000'], { stdio: 'ignore' });
              const away = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true }); // setsid
              return { pid: process.pid, own: own.pid, away: away.pid };
            }
            case 'orphans': { // each outlives its parent, the shell, and then ends by itself
              const one = execSync('sleep 0.2 >/dev/null 2>&1 & echo $!').toString().trim();
              const away = execSync('setsid sleep 0.2 >/dev/null 2>&1 & echo $!').toString().trim();
              return [+one, +away];
            }
            case 'large': return 'y'.repeat(event.bytes);
            case 'size': return event.data.length;
            case 'eat': { const all = []; for (;;) all.push(Buffer.alloc(1 << 22, 1)); }
            case 'wait': await new Promise((r) => setTimeout(r, event.ms)); return process.pid;
            default: return { pid: process.pid };
          }
        };
        """;

    [Theory]
    [SocketWire]
    public async Task HungFunction_IsKilledAtItsTimeout(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 1s");
        var late = await FunctionCallTests.PostAsync(gateway, """{"do":"hang"}""");
        Assert.Equal(502, late.Status);
        Assert.Matches(
            "^{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: [0-9a-f-]{36} Error: "
                + "Task timed out after 1.00 seconds\"}$",
            late.Text);
        Assert.Equal(200, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
    }

    [Theory]
    [SocketWire("""{"do":"exit","code":0}""", "without providing a reason")]
    [SocketWire("""{"do":"exit","code":127}""", "with error: exit status 127")]
    [SocketWire("""{"do":"kill"}""", "with error: signal: killed")]
    public async Task FunctionThatExits_LosesItsOwnRequestOnly(Wire wire, string what, string reason)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder);
        var lost = await FunctionCallTests.PostAsync(gateway, what);
        Assert.Matches(
            "^{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: [0-9a-f-]{36} Error: Runtime exited "
                + reason + "\"}$",
            lost.Text);
        Assert.Equal(200, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
    }

    [Theory]
    [SocketWire]
    public async Task FloodAndLargeAnswers_DoNotHarm(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 60s, memory: 512MiB");
        Assert.Equal("\"flooded\"", (await FunctionCallTests.PostAsync(gateway, """{"do":"flood"}""")).Text);
        string data = new('z', 5_000_000);
        var sized = await FunctionCallTests.PostAsync(gateway, $$"""{"do":"size","data":"{{data}}"}""");
        Assert.Equal("5000000", sized.Text);
        var large = await FunctionCallTests.PostAsync(gateway, """{"do":"large","bytes":6000000}""");
        Assert.Equal(6_000_002, large.Body.Length);
        var tooLarge = await FunctionCallTests.PostAsync(gateway, """{"do":"large","bytes":50000000}""");
        Assert.Equal(
            "{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size (6291556 bytes).\","
                + "\"errorType\":\"Function.ResponseSizeTooLarge\"}",
            tooLarge.Text);
        Assert.Equal(200, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
    }

    [Theory]
    [SocketWire]
    public async Task FunctionThatEatsMemory_IsEnded(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 60s, memory: 128MiB");
        var eaten = await FunctionCallTests.PostAsync(gateway, """{"do":"eat"}""");
        Assert.Contains("\"Runtime.ExitError\"", eaten.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
    }

    [Theory]
    [SocketWire]
    public async Task DescendantsEndWithTheGateway(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        int[] pids;
        await using (var gateway = await StartAsync(wire, folder))
        {
            var forked = await FunctionCallTests.PostAsync(gateway, """{"do":"fork"}""");
            using var json = System.Text.Json.JsonDocument.Parse(forked.Body);
            pids = [.. json.RootElement.EnumerateObject().Select(each => each.Value.GetInt32())];
            Assert.All(pids, pid => Assert.True(Lives(pid), $"{pid} lives"));
        }
        await Eventually.HoldsAsync(() => !pids.Any(Lives), "the end of " + string.Join(", ", pids));
    }

    [Theory]
    [SocketWire]
    public async Task OrphanThatEndsByItself_IsReapedWhileItsEnvironmentLives(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 60s");
        var orphaned = await FunctionCallTests.PostAsync(gateway, """{"do":"orphans"}""");
        Assert.Equal(200, orphaned.Status);
        int[] pids = System.Text.Json.JsonSerializer.Deserialize<int[]>(orphaned.Body)!;
        Assert.All(pids, pid => Assert.True(pid > 1));
        // Not even a zombie is left.
        await Eventually.HoldsAsync(
            () => !pids.Any(pid => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"))),
            "the end of " + string.Join(", ", pids));
        Assert.Equal(200, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
    }

    [Theory]
    [SocketWire]
    public async Task EnvironmentThatStartsWhenTheGatewayStops_IsNoFailure(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(
            "await new Promise((r) => setTimeout(r, 60000)); export const handler = async () => 1;");
        // What is logged fails the test.
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", more: "concurrency: { provisioned: 2 }", target: Raw));
        await Eventually.HoldsAsync(() => ChildrenNamed("node") > 0, "an environment that starts");
    }

    /// <summary>Of this process, in all its threads.</summary>
    private static int ChildrenNamed(string name) => Directory.EnumerateDirectories("/proc/self/task")
        .SelectMany(task => TextOf(Path.Combine(task, "children")).Split(' '))
        .Count(pid => pid.Length > 0 && TextOf($"/proc/{pid}/comm").Trim() == name);

    /// <summary>Threads and processes may end at any time.</summary>
    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [Theory]
    [SocketWire]
    public async Task Reserved_RefusesTheNext(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 60s, concurrency: { reserved: 1 }");
        const string Wait = """{"do":"wait","ms":1500}""";
        var first = FunctionCallTests.PostAsync(gateway, Wait);
        RawResponse second = null!;
        await Eventually.HoldsAsync(
            async () =>
            {
                second = await FunctionCallTests.PostAsync(gateway, "{}");
                if (second.Status == 429) return true;
                // They overtook each other: it may have been the first one that was refused.
                if (first.IsCompleted) first = FunctionCallTests.PostAsync(gateway, Wait);
                return false;
            },
            "a refusal");
        Assert.Equal(
            """
            {"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}
            """,
            second.Text);
        Assert.Equal(200, (await first).Status);
    }

    [Theory]
    [SocketWire]
    public async Task Burst_WaitsForTheFirstFreeEnvironment(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder, "timeout: 60s, concurrency: { maximum: 2 }");
        var burst = Enumerable.Range(0, 20)
            .Select(_ => FunctionCallTests.PostAsync(gateway, """{"do":"wait","ms":20}""")).ToArray();
        var answers = await Task.WhenAll(burst);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.InRange(answers.Select(answer => answer.Text).Distinct(StringComparer.Ordinal).Count(), 1, 2);
    }

    [Theory]
    [SocketWire]
    public async Task ChangedCode_ChangesTheAnswerWithoutALostRequest(Wire wire)
    {
        await using var folder = new FunctionFolder().Node("export const handler = async () => 'one';");
        await using var gateway = await StartAsync(wire, folder, "concurrency: { provisioned: 1 }");
        Assert.Equal("\"one\"", (await FunctionCallTests.PostAsync(gateway, "{}")).Text);
        folder.Node("export const handler = async () => 'two';");
        await Eventually.HoldsAsync(
            async () =>
            {
                var answer = await FunctionCallTests.PostAsync(gateway, "{}");
                Assert.Equal(200, answer.Status);
                return answer.Text == "\"two\"";
            },
            "the new code");
    }

    [Theory]
    [SocketWire("export const handler = 1;", "Runtime.HandlerNotFound", "index.handler is not a function")]
    [SocketWire("export const other = 1;", "Runtime.HandlerNotFound", "index.handler is undefined or not exported")]
    [SocketWire("import 'nowhere';", "Runtime.ImportModuleError", "Error: Cannot find package 'nowhere'")]
    [SocketWire("this is no code", "Runtime.UserCodeSyntaxError", "SyntaxError: ")]
    [SocketWire("throw new RangeError('no start');", "RangeError", "no start")]
    [SocketWire("process.exit(7);", "Runtime.ExitError", "Runtime exited with error: exit status 7")]
    public async Task CodeThatDoesNotLoad_SaysSo(Wire wire, string code, string type, string message)
    {
        await using var folder = new FunctionFolder().Node(code);
        await using var gateway = await StartAsync(wire, folder);
        var answer = await FunctionCallTests.PostAsync(gateway, "{}");
        Assert.Equal(502, answer.Status);
        Assert.Contains($"\"errorType\":\"{type}\"", answer.Text, StringComparison.Ordinal);
        Assert.Contains(message, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task UnchangedFunction_KeepsItsEnvironmentOverAReload(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Chaos);
        await using var gateway = await StartAsync(wire, folder);
        string before = (await FunctionCallTests.PostAsync(gateway, "{}")).Text;
        string yaml = folder.Yaml("nodejs20.x", more: "log: off", target: Raw);
        await gateway.ReloadAsync(yaml + "\n  - { match: { path: /mock }, to: { mock: { body: m } } }");
        Assert.Equal(before, (await FunctionCallTests.PostAsync(gateway, "{}")).Text);
        await gateway.ReloadAsync(folder.Yaml("nodejs20.x", more: "log: off, timeout: 9s", target: Raw));
        Assert.NotEqual(before, (await FunctionCallTests.PostAsync(gateway, "{}")).Text);
    }

    private static Task<TestGateway> StartAsync(Wire wire, FunctionFolder folder, string more = "") =>
        TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", more: more.Length == 0 ? "log: off" : "log: off, " + more, target: Raw));

    /// <summary>A zombie has ended.</summary>
    private static bool Lives(int pid)
    {
        try
        {
            return ProcStat.Field(pid, ProcStat.State) != "Z";
        }
        catch (IOException)
        {
            return false;
        }
    }
}

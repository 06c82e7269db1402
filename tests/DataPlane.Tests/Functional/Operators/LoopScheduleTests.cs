using System.Globalization;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Lambda;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>Which threads and processes are scheduled as batch work, as the kernel tells it.</summary>
public sealed class LoopScheduleTests
{
    private const int Normal = 0;
    private const int Batch = 3;

    [LinuxTheory]
    [InlineData("epoll", Batch)]
    [InlineData("{ kind: epoll, batchScheduling: true }", Batch)]
    [InlineData("{ kind: epoll, batchScheduling: false }", Normal)]
    public async Task LoopsAreBatchWork_FunctionsAreNot(string transport, int expected)
    {
        int port = GatewayProcess.FreePort();
        await using var folder = new FunctionFolder().Node(
            "export const handler = async () => ({ statusCode: 200, body: `${process.pid}` });");
        folder.File(
            "gateway.yaml",
            $$"""
            transport: {{transport}}
            listeners: [ { name: public, address: "127.0.0.1:{{port}}" } ]
            admin: { address: "127.0.0.1:{{GatewayProcess.FreePort()}}" }
            {{folder.Yaml("nodejs20.x")}}
            """);
        // Loops of other tests are threads of this process, and what it starts may have their schedule.
        await using var gateway = GatewayProcess.Start(
            $"run --config '{folder.Path}/gateway.yaml'", launcher: "chrt --other 0");
        await gateway.SaysAsync("admin on");
        using var http = new HttpClient { Timeout = Eventually.Patience };
        int function = int.Parse(
            await http.GetStringAsync($"http://127.0.0.1:{port}/pid"), CultureInfo.InvariantCulture);

        string tasks = string.Create(CultureInfo.InvariantCulture, $"/proc/{gateway.Id}/task");
        string[] loops = [.. Directory.GetDirectories(tasks).Where(static task =>
            File.ReadAllText($"{task}/comm").StartsWith("loop-", StringComparison.Ordinal))];
        Assert.Equal(Environment.ProcessorCount, loops.Length);
        Assert.All(loops, loop => Assert.Equal($"{expected}", ProcStat.Field(loop, ProcStat.Policy)));
        Assert.Equal(Normal, ProcStat.Number(gateway.Id, ProcStat.Policy));
        Assert.Equal(Normal, ProcStat.Number(function, ProcStat.Policy));
    }
}

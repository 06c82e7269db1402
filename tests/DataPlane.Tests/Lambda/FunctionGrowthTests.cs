using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Lambda;

/// <summary>How large an environment is, and how many of them there are.</summary>
public sealed class FunctionGrowthTests
{
    private const string Code =
        """
        import v8 from 'node:v8';
        export const handler = async (event) => {
          if (event.ms) await new Promise((done) => setTimeout(done, event.ms));
          return { limit: v8.getHeapStatistics().heap_size_limit, tag: v8.cachedDataVersionTag(), pid: process.pid };
        };
        """;

    [Theory]
    [SocketWire]
    public async Task MemorySetting_BoundsTheHeap_AndNodesOwnModulesAreReadAsCompiled(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = TestGateway.Create(wire);
        await gateway.StartAsync(folder.Yaml("nodejs20.x", more: "memory: 400MiB", target: "event: raw"));
        using var told = await AskAsync(gateway, 0);
        double limitMiB = told.RootElement.GetProperty("limit").GetDouble() / (1 << 20);
        // Nine tenths, and three of the young generation's halves, a twentieth each that V8 rounds up.
        Assert.InRange(limitMiB, 360, 460);
        // The tag stands for V8's version and flags: that of a bare node is what its modules were compiled for.
        var bare = await RealTool.RunAsync("node", "nodejs", ["-p", "require('v8').cachedDataVersionTag()"]);
        Assert.Equal(bare.Said.Trim(), told.RootElement.GetProperty("tag").GetRawText());
    }

    [Theory]
    [SocketWire]
    public async Task CallersThatWaitLongerThanTheWork_GetAnEnvironmentEach(Wire wire)
    {
        const int Callers = 6;
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = TestGateway.Create(wire);
        await gateway.StartAsync(folder.Yaml("nodejs20.x", more: "watch: false", target: "event: raw"));
        var seen = new ConcurrentDictionary<int, bool>();
        long start = Stopwatch.GetTimestamp();
        // With two environments each would wait for 100 ms before its own 50.
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (seen.Count < Callers && Stopwatch.GetElapsedTime(start) < Eventually.Patience)
            {
                using var told = await AskAsync(gateway, 50);
                seen[told.RootElement.GetProperty("pid").GetInt32()] = true;
            }
        }));
        Assert.InRange(seen.Count, Callers, 3 * Callers);
    }

    private static async Task<JsonDocument> AskAsync(TestGateway gateway, int ms)
    {
        var answer = await FunctionCallTests.PostAsync(gateway, $$"""{"ms":{{ms}}}""");
        Assert.Equal(200, answer.Status);
        return JsonDocument.Parse(answer.Text);
    }
}

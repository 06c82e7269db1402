using System.Reflection;
using DataPlane.Tests.Functional.Harness;
using Xunit.Sdk;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Each flood over and over, a connection at a time, while somebody else is served: every connection ends in a bounded
/// time, and what lives in the process afterwards does not grow.
/// </summary>
[Collection(FloodCollection.Name)]
public sealed class Http2FloodMemoryTests
{
    /// <summary>Rounds between two looks at what lives; before the first, pools and tables grow.</summary>
    private const int Rounds = 10;
    private const int MostLooks = 12;

    /// <summary>
    /// The gateway of the tests keeps each client to close it in the end, with its buffer of 16 KiB: 170 KiB. Of the
    /// gateway's own a connection may leave 8 KiB, a fraction of what it takes while it lives.
    /// </summary>
    private const long MostGrowthBytes = Rounds * (17 + 8) * 1024;

    [Theory]
    [EveryFlood]
    public async Task Flood_EndsItsConnectionAndLeavesNothing(Wire wire, string flood)
    {
        await using var gateway = await TestGateway.StartAsync(
            wire, "routes: [ { match: { path: /mock }, to: { mock: { body: mocked } } } ]");
        await AssertLeavesNothingAsync(gateway, async () =>
        {
            await using var client = await Http2Client.ConnectAsync(gateway);
            await Http2Floods.All[flood](client);
            await client.ReadToEndAsync().WaitAsync(Eventually.Patience);
        });
    }

    private static async Task AssertLeavesNothingAsync(TestGateway gateway, Func<Task> attack)
    {
        await using var bystander = await gateway.ConnectAsync();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        var live = new List<long>();
        // Pools may find again and again that they need one more block; what leaks does so every time.
        while (live.Count < 2 || live[^1] - live[^2] >= MostGrowthBytes)
        {
            Assert.True(
                live.Count < MostLooks, $"Bytes alive after {Rounds} rounds each: {string.Join(", ", live)}");
            for (int round = 0; round < Rounds; round++)
            {
                var attacking = attack();
                do await AssertServesAsync(bystander);
                while (await pace.WaitForNextTickAsync() && !attacking.IsCompleted);
                await attacking;
            }
            live.Add(await LiveAsync(gateway));
        }
    }

    private static async Task AssertServesAsync(RawPeer bystander)
    {
        await bystander.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await bystander.ReadResponseAsync()).Text);
    }

    /// <summary>Bytes that live once only the bystander is connected.</summary>
    private static async Task<long> LiveAsync(TestGateway gateway)
    {
        await Eventually.HoldsAsync(() => gateway.Open == 1, "the end of the attacker's connections");
        await Eventually.HoldsAsync(async () => await gateway.SlabsAsync() == 0, "no slab outstanding");
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private sealed class EveryFloodAttribute : DataAttribute
    {
        public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
            from wire in OperatingSystem.IsLinux() ? [Wire.Epoll, Wire.Sockets] : new[] { Wire.Sockets }
            from flood in Http2Floods.All.Keys
            select new object[] { wire, flood };
    }
}

using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Tests.Functional.Harness;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Connections;

/// <summary>What is given up for want of memory, in which order, and when it is not any more.</summary>
public sealed class MemoryWatchTests : IAsyncLifetime
{
    private const string Mock = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    private readonly MemoryGateway _gateway = new();
    private readonly LogTrap _log = new(LogLevel.Information);
    private MemoryWatch _watch = null!;
    private long _used;
    private int _collections;

    public async Task InitializeAsync()
    {
        await _gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(_log));
        _watch = new MemoryWatch(
            _gateway.Connections, _gateway.Pressure, () => _used, static () => 1000, () => _collections++,
            _gateway.Time, loggers.CreateLogger<MemoryWatch>());
    }

    public async Task DisposeAsync()
    {
        _watch.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task LongestIdle_AreClosedFirst_AndBusyOnesNever()
    {
        var clients = new List<RawPeer>();
        for (int each = 0; each < 160; each++)
        {
            clients.Add(await _gateway.ConnectAsync());
            await clients[each].SendAsync(Mock);
            await clients[each].ReadResponseAsync();
            await _gateway.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        }
        // The eldest connection has been idle for the shortest time.
        await clients[0].SendAsync(Mock);
        await clients[0].ReadResponseAsync();
        await clients[1].SendAsync("POST /mock HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n");
        await LookAsync(used: 860);
        Assert.Equal((MemoryLevel.High, 1), (_gateway.Pressure.Level, _collections));
        await Eventually.HoldsAsync(() => _gateway.Connections.Shed == 64, "a look's worth is closed");
        await Eventually.HoldsAsync(() => _gateway.Open == 96, "they are gone");
        Assert.Equal("", await clients[2].ReadToEndAsync());
        await clients[0].SendAsync(Mock);
        Assert.Equal(200, (await clients[0].ReadResponseAsync()).Status);
        await clients[1].SendAsync("\r\nabcde");
        Assert.Equal(200, (await clients[1].ReadResponseAsync()).Status);
        await clients[159].SendAsync(Mock);
        Assert.Equal(200, (await clients[159].ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task OfThoseIdleEquallyLong_TheNewestIsClosedFirst()
    {
        var clients = new List<RawPeer>();
        for (int each = 0; each < 80; each++)
        {
            clients.Add(await _gateway.ConnectAsync());
            await _gateway.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        }
        // All of them wait since the same moment now.
        foreach (var client in clients)
        {
            await client.SendAsync(Mock);
            await client.ReadResponseAsync();
        }
        await LookAsync(used: 860);
        await Eventually.HoldsAsync(() => _gateway.Open == 16, "64 are gone");
        await clients[0].SendAsync(Mock);
        Assert.Equal(200, (await clients[0].ReadResponseAsync()).Status);
        Assert.Equal("", await clients[79].ReadToEndAsync());
    }

    [Fact]
    public async Task CriticalLevel_RefusesWhatIsNew_AndEndsWellBelow()
    {
        var busy = await _gateway.ConnectAsync();
        await busy.SendAsync("GET /mock HTTP/1.1\r\n");
        await LookAsync(used: 960);
        Assert.Equal(MemoryLevel.Critical, _gateway.Pressure.Level);
        await using (var refused = await _gateway.ConnectAsync()) Assert.Equal("", await refused.ReadToEndAsync());
        Assert.Equal(1, _gateway.Connections.Admission.Refused(RefusalReason.Memory));
        await busy.SendAsync("Host: a\r\n\r\n");
        var answer = await busy.ReadResponseAsync();
        Assert.Equal((503, "1"), (answer.Status, answer.Field("Retry-After")));
        await LookAsync(used: 910);
        Assert.Equal(MemoryLevel.Critical, _gateway.Pressure.Level);
        await LookAsync(used: 890);
        Assert.Equal(MemoryLevel.High, _gateway.Pressure.Level);
        await LookAsync(used: 810);
        Assert.Equal(MemoryLevel.High, _gateway.Pressure.Level);
        await LookAsync(used: 790);
        Assert.Equal(MemoryLevel.Normal, _gateway.Pressure.Level);
        await using var client = await _gateway.ConnectAsync();
        await client.SendAsync(Mock);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Episode_IsToldOnce_HoweverItGoesUpAndDown()
    {
        foreach (int used in new[] { 860, 960, 870, 960, 860, 700, 700 }) await LookAsync(used);
        string[] lines = [.. _log.Take()];
        Assert.Equal(3, lines.Length);
        Assert.Contains("Memory is short: 860 ", lines[0], StringComparison.Ordinal);
        Assert.Contains("nearly used up: 960 ", lines[1], StringComparison.Ordinal);
        Assert.Contains("no longer short: 700 ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task GarbageAlone_ClosesNobody()
    {
        await using var idle = await _gateway.ConnectAsync();
        using var watch = new MemoryWatch(
            _gateway.Connections, _gateway.Pressure, () => _collections == 0 ? 990 : 100, static () => 1000,
            () => _collections++, _gateway.Time, LoggerFactory.Create(static _ => { }).CreateLogger<MemoryWatch>());
        await LookAsync(used: 0);
        Assert.Equal((1, MemoryLevel.Normal), (_collections, _gateway.Pressure.Level));
        Assert.Equal(0, _gateway.Connections.Shed);
    }

    private async Task LookAsync(long used)
    {
        _used = used;
        await _gateway.AdvanceAsync(s_look);
    }
}

using DataPlane.Config;
using DataPlane.Gateway.Upstreams.Names;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Names;

namespace DataPlane.Tests.Upstreams.Names;

/// <summary>When names are looked up, on a clock of the test's own.</summary>
public sealed class NameTableTests : IAsyncLifetime
{
    private readonly FakeDnsServer _dns = FakeDnsServer.Start();
    private readonly VirtualTime _time = new();
    private readonly NameTable _table;
    private readonly List<NameAnswer> _told = [];

    public NameTableTests() => _table = new NameTable(_time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _table.Dispose();
        await _dns.DisposeAsync();
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 5)]
    [InlineData(86_400, 300)]
    public async Task Name_IsLookedUpAgainAfterItsTtlWithinBounds(int ttlSeconds, int expectedSeconds)
    {
        _dns.Set("a.test", ttlSeconds, "10.0.0.1");
        var watch = Watch();
        await LookedUpAsync(watch, 1);
        _time.Advance(TimeSpan.FromSeconds(expectedSeconds - 0.1));
        Assert.Equal(1, watch.LookUps.All);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await LookedUpAsync(watch, 2);
        Assert.Single(_told);
    }

    [Fact]
    public async Task Change_IsToldOnce()
    {
        _dns.Set("a.test", 5, "10.0.0.1", "10.0.0.2");
        var watch = Watch();
        await LookedUpAsync(watch, 1);
        _dns.Set("a.test", 5, "10.0.0.2", "10.0.0.1");
        _time.Advance(TimeSpan.FromSeconds(5.1));
        await LookedUpAsync(watch, 2);
        Assert.Single(_told);
        _dns.Set("a.test", 5, "10.0.0.3");
        _time.Advance(TimeSpan.FromSeconds(5.1));
        await LookedUpAsync(watch, 3);
        Assert.Equal(2, _told.Count);
        Assert.Equal("10.0.0.3:0", _told[1].Addresses.Single().EndPoint.ToString());
    }

    [Theory]
    [InlineData(FakeDnsMode.Fails)]
    [InlineData(FakeDnsMode.Answers)]
    public async Task Failure_KeepsWhatIsKnown(FakeDnsMode mode)
    {
        _dns.Set("a.test", 30, "10.0.0.1");
        var watch = Watch();
        await LookedUpAsync(watch, 1);
        // Either the server fails, or it says that there is no such name.
        _dns.Mode = mode;
        _dns.Remove("a.test");
        _time.Advance(TimeSpan.FromSeconds(30.1));
        await LookedUpAsync(watch, 2);
        Assert.Equal(1, watch.LookUps.Failed);
        Assert.Equal("10.0.0.1:0", watch.Answer!.Addresses.Single().EndPoint.ToString());
        // Tried again after the smallest TTL.
        _dns.Mode = FakeDnsMode.Answers;
        _dns.Set("a.test", 30, "10.0.0.2");
        _time.Advance(TimeSpan.FromSeconds(5.1));
        await LookedUpAsync(watch, 3);
        Assert.Equal("10.0.0.2:0", watch.Answer!.Addresses.Single().EndPoint.ToString());
    }

    [Fact]
    public async Task ManyUsers_AreOneLookUp()
    {
        _dns.Set("a.test", 30, "10.0.0.1");
        var watch = Watch();
        Assert.Same(watch, Watch());
        await LookedUpAsync(watch, 1);
        Assert.Equal(1, _dns.Questions);
        _table.Leave(watch);
        Assert.Single(_table.Watches);
        _table.Leave(watch);
        Assert.Empty(_table.Watches);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, _dns.Questions);
    }

    [Fact]
    public async Task FirstAnswers_AreWaitedForButNotForEver()
    {
        _dns.Mode = FakeDnsMode.Silent;
        Watch();
        var waiting = _table.FirstAnswersAsync(TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await waiting.WaitAsync(Eventually.Patience);
    }

    private NameWatch Watch()
    {
        // Equal settings are the same question, whoever made them.
        var settings = new DnsSettings
        {
            MinimumTtl = TimeSpan.FromSeconds(5),
            MaximumTtl = TimeSpan.FromMinutes(5),
            Timeout = TimeSpan.FromHours(1),
            Resolvers = [_dns.Address],
            Family = DnsFamily.Ipv4,
        };
        var watch = _table.Enter(new NameQuestion("a.test", IsService: false, settings));
        watch.Tell(_told.Add);
        return watch;
    }

    /// <summary>The look-up has ended, and the timer for the next one is set.</summary>
    private async Task LookedUpAsync(NameWatch watch, int count)
    {
        await Eventually.HoldsAsync(() => watch.LookUps.All == count, $"{count} look-ups");
        await Eventually.HoldsAsync(() => watch.IsWaiting, "the wait for the next");
    }
}

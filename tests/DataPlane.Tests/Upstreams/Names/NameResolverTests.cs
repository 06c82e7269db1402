using System.Collections.Immutable;
using System.Net;
using DataPlane.Config;
using DataPlane.Gateway.Upstreams.Names;
using DataPlane.Tools.Names;

namespace DataPlane.Tests.Upstreams.Names;

/// <summary>Against a name server of our own on loopback.</summary>
public sealed class NameResolverTests : IAsyncLifetime
{
    private readonly FakeDnsServer _dns = FakeDnsServer.Start();
    private readonly string _hosts = Path.GetTempFileName();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _dns.DisposeAsync();
        File.Delete(_hosts);
    }

    [Fact]
    public async Task Addresses_ComeWithTheirTtlInAFixedOrder()
    {
        _dns.Set("a.test", 42, "10.0.0.9", "10.0.0.10");
        var answer = await ResolveAsync("a.test");
        Assert.Equal(["10.0.0.9:0", "10.0.0.10:0"], Texts(answer));
        Assert.Equal(TimeSpan.FromSeconds(42), answer!.Ttl);
        _dns.Set("a.test", 42, "10.0.0.10", "10.0.0.9");
        Assert.True((await ResolveAsync("a.test"))!.IsSame(answer));
    }

    [Fact]
    public async Task Alias_IsFollowedAndTheShortestTtlCounts()
    {
        _dns.SetAlias("a.test", 7, "b.test");
        _dns.SetAlias("b.test", 60, "c.test");
        _dns.Set("c.test", 30, "10.0.0.1");
        var answer = await ResolveAsync("a.test");
        Assert.Equal(["10.0.0.1:0"], Texts(answer));
        Assert.Equal(TimeSpan.FromSeconds(7), answer!.Ttl);
    }

    [Fact]
    public async Task AliasToItself_IsNoAnswer()
    {
        _dns.SetAlias("a.test", 7, "b.test");
        _dns.SetAlias("b.test", 7, "a.test");
        Assert.Null(await ResolveAsync("a.test"));
    }

    [Theory]
    [InlineData(DnsFamily.Auto, "10.0.0.1:0")]
    [InlineData(DnsFamily.Ipv4, "10.0.0.1:0")]
    [InlineData(DnsFamily.Ipv6, "[fd00::1]:0")]
    [InlineData(DnsFamily.All, "10.0.0.1:0 [fd00::1]:0")]
    public async Task Family_ChoosesTheAddresses(DnsFamily family, string expected)
    {
        _dns.Set("a.test", 60, "fd00::1", "10.0.0.1");
        Assert.Equal(expected, string.Join(' ', Texts(await ResolveAsync("a.test", family))));
    }

    [Fact]
    public async Task NameWithIpv6Only_IsFoundByItself()
    {
        _dns.Set("a.test", 60, "fd00::1");
        Assert.Equal(["[fd00::1]:0"], Texts(await ResolveAsync("a.test")));
    }

    [Fact]
    public async Task TruncatedAnswer_IsAskedForOverTcp()
    {
        _dns.Set("a.test", 60, [.. Enumerable.Range(1, 200).Select(each => $"10.0.1.{each}")]);
        _dns.Mode = FakeDnsMode.Truncates;
        Assert.Equal(200, (await ResolveAsync("a.test"))!.Addresses.Length);
    }

    [Fact]
    public async Task ForgedAnswer_IsPassedOver()
    {
        _dns.Set("a.test", 60, "10.0.0.1");
        _dns.Mode = FakeDnsMode.Forges;
        Assert.Equal(["10.0.0.1:0"], Texts(await ResolveAsync("a.test")));
    }

    [Fact]
    public async Task UnknownName_IsNoAnswer() => Assert.Null(await ResolveAsync("nobody.test"));

    [Fact]
    public async Task FailingResolver_IsFollowedByTheNext()
    {
        await using var broken = FakeDnsServer.Start();
        broken.Mode = FakeDnsMode.Fails;
        _dns.Set("a.test", 60, "10.0.0.1");
        var answer = await ResolveAsync("a.test", resolvers: [broken.Address, _dns.Address]);
        Assert.Equal(["10.0.0.1:0"], Texts(answer));
    }

    [Fact]
    public async Task SilentResolver_IsFollowedByTheNext()
    {
        await using var silent = FakeDnsServer.Start();
        silent.Mode = FakeDnsMode.Silent;
        _dns.Set("a.test", 60, "10.0.0.1");
        var answer = await ResolveAsync("a.test", resolvers: [silent.Address, _dns.Address]);
        Assert.Equal(["10.0.0.1:0"], Texts(answer));
    }

    [Fact]
    public async Task ShortName_IsSoughtInTheSearchDomains()
    {
        _dns.Set("users.ns.cluster.test", 60, "10.0.0.1");
        _dns.Set("users", 60, "10.0.0.2");
        var settings = Settings(DnsFamily.Auto, []) with { Search = ["nothing.test", "ns.cluster.test"], Dots = 5 };
        Assert.Equal(["10.0.0.1:0"], Texts(await ResolveAsync("users", settings)));
        // A last dot says that the name is whole.
        Assert.Equal(["10.0.0.2:0"], Texts(await ResolveAsync("users.", settings)));
    }

    [Fact]
    public async Task HostsFile_ComesFirstAndIsReadAgain()
    {
        _dns.Set("a.test", 60, "10.0.0.1");
        await File.WriteAllTextAsync(_hosts, "# comment\n10.9.9.9  x A.test # more\n::1 a.test\n");
        Assert.Equal(["10.9.9.9:0"], Texts(await ResolveAsync("a.test")));
        await File.WriteAllTextAsync(_hosts, "");
        Assert.Equal(["10.0.0.1:0"], Texts(await ResolveAsync("a.test")));
    }

    [Fact]
    public async Task Localhost_IsNeverAskedFor()
    {
        Assert.Equal(["127.0.0.1:0"], Texts(await ResolveAsync("localhost")));
        Assert.Equal(["[::1]:0"], Texts(await ResolveAsync("x.localhost", DnsFamily.Ipv6)));
        Assert.Equal(0, _dns.Questions);
    }

    [Fact]
    public async Task Service_HasPortsPrioritiesAndWeights()
    {
        _dns.SetService("_http._tcp.test", 20, (10, 3, 9001, "one.test"), (20, 0, 9002, "two.test"));
        _dns.Set("one.test", 5, "10.0.0.1", "10.0.0.2");
        _dns.Set("two.test", 60, "10.0.0.3");
        var answer = await new NameResolver(Settings(DnsFamily.Auto, []), new HostsFile(_hosts), TimeProvider.System)
            .ResolveAsync("_http._tcp.test", isService: true, CancellationToken.None);
        Assert.Equal(
            [
                new ResolvedAddress(IPEndPoint.Parse("10.0.0.1:9001"), 10, 3),
                new ResolvedAddress(IPEndPoint.Parse("10.0.0.2:9001"), 10, 3),
                new ResolvedAddress(IPEndPoint.Parse("10.0.0.3:9002"), 20, 0),
            ],
            answer!.Addresses.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Ttl);
    }

    [Fact]
    public void ResolverFile_IsReadAsTheManualSays()
    {
        var file = ResolverFile.Parse(
        [
            "# comment", "nameserver 10.0.0.2", "nameserver\tfd00::53", "nameserver nonsense",
            "search a.test b.test.", "options timeout:1 ndots:5", "; end",
        ]);
        Assert.Equal(["10.0.0.2:53", "[fd00::53]:53"], file.Resolvers.Select(each => each.ToString()).ToArray());
        Assert.Equal(["a.test", "b.test"], file.Search.ToArray());
        Assert.Equal(5, file.Dots);
    }

    private Task<NameAnswer?> ResolveAsync(
        string name, DnsFamily family = DnsFamily.Auto, IPEndPoint[]? resolvers = null) =>
        ResolveAsync(name, Settings(family, resolvers ?? []));

    private Task<NameAnswer?> ResolveAsync(string name, DnsSettings settings) =>
        new NameResolver(settings, new HostsFile(_hosts), TimeProvider.System)
            .ResolveAsync(name, isService: false, CancellationToken.None);

    private DnsSettings Settings(DnsFamily family, IPEndPoint[] resolvers) => new()
    {
        MinimumTtl = TimeSpan.FromSeconds(1),
        MaximumTtl = TimeSpan.FromMinutes(1),
        // The silent one's time; the others answer at once, busy as the machine may be.
        Timeout = resolvers.Length > 1 ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(20),
        Resolvers = resolvers.Length > 0 ? [.. resolvers, .. resolvers.TakeLast(1)] : [_dns.Address],
        Family = family,
    };

    private static string[] Texts(NameAnswer? answer) =>
        [.. answer!.Addresses.Select(each => each.EndPoint.ToString())];
}

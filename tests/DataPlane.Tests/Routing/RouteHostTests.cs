namespace DataPlane.Tests.Routing;

public sealed class RouteHostTests
{
    [Theory]
    [InlineData("api.example.com", "exact")]
    [InlineData("API.Example.COM", "exact")]
    [InlineData("web.example.com", "wildcard")]
    [InlineData("a.b.c.example.com", "wildcard")]
    [InlineData("WEB.EXAMPLE.COM", "wildcard")]
    [InlineData("example.com", "none")]
    [InlineData("x.eu.example.com", "long-wildcard")]
    [InlineData("x.y.eu.example.com", "long-wildcard")]
    [InlineData("eu.example.com", "wildcard")]
    [InlineData(".example.com", "none")]
    [InlineData("badexample.com", "none")]
    [InlineData("api.example.co", "none")]
    [InlineData("[::1]", "ipv6")]
    [InlineData("[::2]", "none")]
    [InlineData("", "none")]
    public void Host_PicksExactThenLongestWildcardThenNone(string host, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", Id: "none"),
            new RouteSpec("/a", Hosts: "*.example.com", Id: "wildcard"),
            new RouteSpec("/a", Hosts: "*.eu.example.com", Id: "long-wildcard"),
            new RouteSpec("/a", Hosts: "[::1]", Id: "ipv6"),
            new RouteSpec("/a", Hosts: "api.example.com", Id: "exact"));

        Assert.Equal(expected, new RouteRequest("GET", "/a", host).Answer(trie));
    }

    [Theory]
    [InlineData("/exact", "exact")]
    [InlineData("/long", "long")]
    [InlineData("/short", "short")]
    [InlineData("/any", "any")]
    [InlineData("/nothing", "404")]
    public void BestHostHasNoMatch_NextHostIsTried(string path, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/exact", Hosts: "api.eu.example.com", Id: "exact"),
            new RouteSpec("/long", Hosts: "*.eu.example.com", Id: "long"),
            new RouteSpec("/short", Hosts: "*.example.com", Id: "short"),
            new RouteSpec("/any", Hosts: "*", Id: "any"));

        Assert.Equal(expected, new RouteRequest("GET", path, "api.eu.example.com").Answer(trie));
    }

    [Fact]
    public void Host_GoesBeforePriorityAndPath()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a/b", Priority: 100, Id: "anywhere"),
            new RouteSpec("/{rest+}", Hosts: "*.example.com", Id: "wildcard"),
            new RouteSpec("/{x}/{y}", Hosts: "api.example.com", Priority: -100, Id: "here"));

        Assert.Equal("here x=a y=b", new RouteRequest("GET", "/a/b", "api.example.com").Answer(trie));
        Assert.Equal("wildcard rest=a/b", new RouteRequest("GET", "/a/b", "www.example.com").Answer(trie));
        Assert.Equal("anywhere", new RouteRequest("GET", "/a/b", "example.com").Answer(trie));
    }

    [Fact]
    public void SeveralHosts_OneRouteServesAll()
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a/{x}", Hosts: "a.com *.b.com a.com", Id: "both"));

        Assert.Equal("both x=1", new RouteRequest("GET", "/a/1", "a.com").Answer(trie));
        Assert.Equal("both x=1", new RouteRequest("GET", "/a/1", "x.b.com").Answer(trie));
        Assert.Equal("404", new RouteRequest("GET", "/a/1", "b.com").Answer(trie));
    }

    [Fact]
    public void MethodMissingOnTheBestHost_NextHostServesIt()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", "POST", "a.com", Id: "post"),
            new RouteSpec("/a", "GET", Id: "get"));

        Assert.Equal("get", new RouteRequest("GET", "/a", "a.com").Answer(trie));
        Assert.Equal("405 GET, HEAD, POST", new RouteRequest("PUT", "/a", "a.com").Answer(trie));
        Assert.Equal("405 GET, HEAD", new RouteRequest("PUT", "/a", "b.com").Answer(trie));
    }

    [Fact]
    public void ManyHosts_EachIsFound()
    {
        var specs = Enumerable.Range(0, 3000)
            .Select(i => new RouteSpec("/a", Hosts: (i % 2 == 0 ? "" : "*.") + $"tenant-{i}.example.com"))
            .ToList();
        var trie = RouteSpec.Compile(specs);

        foreach (var spec in specs)
            Assert.Equal(spec.RouteId, new RouteRequest("GET", "/a", spec.Hosts.Replace("*", "x.y")).Answer(trie));
    }

    [Fact]
    public void HostOfNothingButDots_IsAnswered()
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", Hosts: "*.example.com"), new RouteSpec("/a", Id: "any"));

        Assert.Equal("any", new RouteRequest("GET", "/a", new string('.', 255)).Answer(trie));
    }
}

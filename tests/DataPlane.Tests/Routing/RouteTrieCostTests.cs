using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Tests.Routing;

public sealed class RouteTrieCostTests
{
    private const int HostilePathBytes = 8 * 1024;

    public static TheoryData<string> HostilePaths => new(
        string.Concat(Enumerable.Repeat("/a", HostilePathBytes / 2)),
        string.Concat(Enumerable.Repeat("/a", HostilePathBytes / 2)) + "/",
        "/" + new string('a', HostilePathBytes),
        string.Concat(Enumerable.Repeat("/a", 10)),
        string.Concat(Enumerable.Repeat("/a", 10)) + "/x");

    [Theory]
    [MemberData(nameof(HostilePaths))]
    public void EveryMixOfLiteralsAndParameters_EntersEachNodeAtMostOnce(string path)
    {
        var specs = new List<RouteSpec>();
        for (var mix = 0; mix < 1 << 10; mix++)
        {
            var segments = Enumerable.Range(0, 10).Select(i => ((mix >> i) & 1) == 0 ? "/a" : $"/{{p{i}}}");
            var template = string.Concat(segments);
            specs.Add(new RouteSpec(template + "/end", Id: $"end{mix}"));
            specs.Add(new RouteSpec(template + "/{rest+}", Headers: "x=never", Id: $"rest{mix}"));
        }
        var trie = RouteSpec.Compile(specs);
        var search = new RouteRequest("GET", path).NewSearch(trie);

        Assert.False(search.Find(root: 0));
        Assert.InRange(search.EnteredNodes, 1, trie.Tables.Nodes.Length);
    }

    [Fact]
    public void DeepestRoute_SearchesWithABoundedStack()
    {
        // Greedy and parameter wait at every level: the stack is as full as the longest route can make it.
        var specs = Enumerable.Range(1, 15).SelectMany(depth => new[]
        {
            new RouteSpec(string.Concat(Enumerable.Repeat("/a", depth)) + "/{rest+}", Headers: "x=never"),
            new RouteSpec(string.Concat(Enumerable.Repeat("/a", depth)) + "/{p}", Headers: "x=never"),
            new RouteSpec(Parameters(depth) + "/{rest+}", Id: "found"),
        });
        var trie = RouteSpec.Compile(specs.Append(new RouteSpec(string.Concat(Enumerable.Repeat("/a", 64)))));
        var path = string.Concat(Enumerable.Repeat("/a", HostilePathBytes / 2));

        Assert.StartsWith("found p0=a", new RouteRequest("GET", path).Answer(trie), StringComparison.Ordinal);
        Assert.Equal(2 * 64, trie.Tables.MaxWaiting);
    }

    [Fact]
    public void MoreSegmentsThanTheStackHolds_AreRefusedWhenAdded()
    {
        // Beyond what a template may have: only a caller other than the configuration could ask for it.
        Assert.True(RouteTrieBuilder.MaxSegments >= 64 + 1);
        Assert.Throws<FormatException>(() => RouteSpec.Compile(
            new RouteSpec(string.Concat(Enumerable.Repeat("/a", RouteTrieBuilder.MaxSegments + 1)))));
    }

    [Theory]
    [InlineData("/api/v1/resource-3/items/42")]
    [InlineData("/api/v1/resource-3")]
    [InlineData("/api/v1/none")]
    public void TenThousandRoutes_EnterNoMoreNodesThanTen(string path)
    {
        var request = new RouteRequest("GET", path);
        var few = request.NewSearch(RouteSpec.Compile(Resources(5)));
        var many = request.NewSearch(RouteSpec.Compile(Resources(5000)));

        few.Find(root: 0);
        many.Find(root: 0);

        Assert.Equal(few.EnteredNodes, many.EnteredNodes);
    }

    [Theory]
    [InlineData("GET", "/api/v1/resource-3/items/42", "a.com", RouteMatchStatus.Found)]
    [InlineData("GET", "/api/v1/resource-3?q=%31", "x.b.com", RouteMatchStatus.Found)]
    [InlineData("HEAD", "/api/v1/resource-3", "", RouteMatchStatus.Found)]
    [InlineData("PURGE", "/api/v1/resource-3", "", RouteMatchStatus.Found)]
    [InlineData("BREW", "/only/post", "x.b.com", RouteMatchStatus.MethodNotAllowed)]
    [InlineData("GET", "/only/post", "a.com", RouteMatchStatus.MethodNotAllowed)]
    [InlineData("GET", "/", "nowhere.org", RouteMatchStatus.NotFound)]
    public void Match_AllocatesNothing(string method, string target, string host, RouteMatchStatus expected)
    {
        var trie = RouteSpec.Compile(Resources(100).Concat([
            new RouteSpec("/api/v1/{name}", "GET", "*.b.com", Headers: "x=1", Query: "q=1", Priority: 1),
            new RouteSpec("/{rest+}", "PURGE"),
            new RouteSpec("/{x}/{y}/z", Hosts: "a.com"),
            new RouteSpec("/only/post", "POST"),
        ]));
        var request = new RouteRequest(method, target, host, "X: 1");
        var match = new RouteMatch();
        for (var i = 0; i < 100; i++)
            Assert.Equal(expected, request.Match(trie, match));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            request.Match(trie, match);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    private static string Parameters(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"/{{p{i}}}"));

    private static IEnumerable<RouteSpec> Resources(int count) => Enumerable.Range(0, count).SelectMany(i => new[]
    {
        new RouteSpec($"/api/v1/resource-{i}", "GET"),
        new RouteSpec($"/api/v1/resource-{i}/items/{{id}}", "GET"),
    });
}

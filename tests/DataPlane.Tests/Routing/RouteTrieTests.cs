using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Tests.Routing;

public sealed class RouteTrieTests
{
    [Theory]
    [InlineData("/", "root")]
    [InlineData("/users", "users")]
    [InlineData("/users/", "users-slash")]
    [InlineData("/users/42", "user id=42")]
    [InlineData("/users/42/", "404")]
    [InlineData("/users/me", "me")]
    [InlineData("/users/me2", "user id=me2")]
    [InlineData("/users/m", "user id=m")]
    [InlineData("/Users", "404")]
    [InlineData("/users/42/orders/7", "order id=42 order=7")]
    [InlineData("/users/me/orders/7", "order id=me order=7")]
    [InlineData("/users/42/orders", "404")]
    [InlineData("/assets", "404")]
    [InlineData("/assets/", "assets path=")]
    [InlineData("/assets/a", "assets path=a")]
    [InlineData("/assets/a/b.css", "assets path=a/b.css")]
    [InlineData("/assets/a/", "assets path=a/")]
    [InlineData("/assets/special/file", "special path=file")]
    [InlineData("/assets/special/", "special path=")]
    [InlineData("/assets/special", "assets path=special")]
    [InlineData("/caf%C3%A9", "cafe")]
    [InlineData("/unknown", "404")]
    public void Path_FindsItsRoute(string path, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/assets/{path+}", Id: "assets"),
            new RouteSpec("/users/{id}", Id: "user"),
            new RouteSpec("/users/me", Id: "me"),
            new RouteSpec("/users", Id: "users"),
            new RouteSpec("/users/", Id: "users-slash"),
            new RouteSpec("/", Id: "root"),
            new RouteSpec("/users/{id}/orders/{order}", Id: "order"),
            new RouteSpec("/assets/special/{path+}", Id: "special"),
            new RouteSpec("/caf%C3%A9", Id: "cafe"));

        Assert.Equal(expected, new RouteRequest("GET", path).Answer(trie));
    }

    [Theory]
    [InlineData("/a/b/c", "literals-deep x=c")]
    [InlineData("/a/b", "ab")]
    [InlineData("/a/x/c", "param-middle x=x")]
    [InlineData("/a/b/d", "literals-deep x=d")]
    [InlineData("/a/x/d", "greedy rest=x/d")]
    [InlineData("/x/b/c", "param-first x=x")]
    [InlineData("/x/b/d", "catch-all rest=x/b/d")]
    public void SeveralTemplatesFit_LeftmostLiteralWins(string path, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/{rest+}", Id: "catch-all"),
            new RouteSpec("/a/{rest+}", Id: "greedy"),
            new RouteSpec("/{x}/b/c", Id: "param-first"),
            new RouteSpec("/a/{x}/c", Id: "param-middle"),
            new RouteSpec("/a/b/{x}", Id: "literals-deep"),
            new RouteSpec("/a/b", Id: "ab"));

        Assert.Equal(expected, new RouteRequest("GET", path).Answer(trie));
    }

    [Fact]
    public void SameShapeDifferentNames_EachRouteHasItsOwnNames()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/users/{id}", "GET", Id: "read"),
            new RouteSpec("/users/{name}", "PUT", Id: "write"));

        Assert.Equal("read id=7", new RouteRequest("GET", "/users/7").Answer(trie));
        Assert.Equal("write name=7", new RouteRequest("PUT", "/users/7").Answer(trie));
    }

    [Fact]
    public void HigherPriority_BeatsMoreSpecificPath()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/users/me", Id: "literal"),
            new RouteSpec("/users/{id}", Priority: 5, Id: "preferred"),
            new RouteSpec("/{rest+}", Priority: -1, Id: "last"),
            new RouteSpec("/users/{rest+}", Priority: 6, Query: "debug=*", Id: "debug"));

        Assert.Equal("preferred id=me", new RouteRequest("GET", "/users/me").Answer(trie));
        Assert.Equal("debug rest=me", new RouteRequest("GET", "/users/me?debug=1").Answer(trie));
        Assert.Equal("last rest=other", new RouteRequest("GET", "/other").Answer(trie));
    }

    [Fact]
    public void HigherPriority_BeatsMoreConditionsOfTheSamePath()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", "GET", Headers: "x=1", Id: "specific"),
            new RouteSpec("/a", Priority: 1, Id: "preferred"));

        Assert.Equal("preferred", new RouteRequest("GET", "/a", fields: "X: 1").Answer(trie));
    }

    [Fact]
    public void EqualInEverything_FirstOfTheFileWins()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", Headers: "x=1", Id: "first"),
            new RouteSpec("/a", Headers: "y=1", Id: "second"));

        Assert.Equal("first", new RouteRequest("GET", "/a", fields: ["Y: 1", "X: 1"]).Answer(trie));
        Assert.Equal("second", new RouteRequest("GET", "/a", fields: "Y: 1").Answer(trie));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("users")]
    public void PathWithoutSlash_IsNotFound(string path)
    {
        var trie = RouteSpec.Compile(new RouteSpec("/{rest+}"), new RouteSpec("/"));
        var request = new RouteRequest("OPTIONS", "*");
        var match = new RouteMatch();

        Assert.Equal("404", request.Answer(trie));
        Assert.Equal(
            RouteMatchStatus.NotFound,
            trie.Match(""u8, System.Text.Encoding.ASCII.GetBytes(path), new(), default, match));
    }

    [Fact]
    public void EmptyTable_IsNotFound() =>
        Assert.Equal("404", new RouteRequest("GET", "/").Answer(RouteSpec.Compile()));

    [Fact]
    public void MatchUsedAgain_ForgetsTheLastAnswer()
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a/{x}", "GET"));
        var match = new RouteMatch();

        new RouteRequest("GET", "/a/1").Match(trie, match);
        Assert.Equal(1, match.Count);
        new RouteRequest("PUT", "/a/1").Match(trie, match);
        Assert.Equal((0, null), (match.Count, match.Route));
        new RouteRequest("GET", "/b").Match(trie, match);
        Assert.Null(match.Allow);
    }

    [Fact]
    public void ManySiblings_EachIsFound()
    {
        // Alike at both ends and of one length: what a hash of the ends would pile up.
        var specs = Enumerable.Range(0, 5000)
            .Select(i => new RouteSpec($"/items/item-number-{i:D6}-with-details"))
            .ToList();
        var trie = RouteSpec.Compile(specs);

        foreach (var spec in specs)
            Assert.Equal(spec.RouteId, new RouteRequest("GET", spec.Path).Answer(trie));
        Assert.Equal("404", new RouteRequest("GET", "/items/item-number-005000-with-details").Answer(trie));
    }

    [Fact]
    public void SixteenParameters_AreCaptured()
    {
        var path = string.Concat(Enumerable.Range(0, 15).Select(i => $"/{{p{i}}}")) + "/{rest+}";
        var trie = RouteSpec.Compile(new RouteSpec(path, Id: "all"));
        var target = string.Concat(Enumerable.Range(0, 15).Select(i => $"/v{i}")) + "/x/y/";

        var expected = "all " + string.Join(' ', Enumerable.Range(0, 15).Select(i => $"p{i}=v{i}")) + " rest=x/y/";
        Assert.Equal(expected, new RouteRequest("GET", target).Answer(trie));
    }

    [Fact]
    public void SeventeenParameters_AreRefused()
    {
        var spec = new RouteSpec(string.Concat(Enumerable.Range(0, 17).Select(i => $"/{{p{i}}}")));

        Assert.Throws<FormatException>(() => RouteSpec.Compile(spec));
    }
}

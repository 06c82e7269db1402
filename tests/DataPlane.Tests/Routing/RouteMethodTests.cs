namespace DataPlane.Tests.Routing;

public sealed class RouteMethodTests
{
    [Theory]
    [InlineData("GET", "get")]
    [InlineData("HEAD", "get")]
    [InlineData("POST", "write")]
    [InlineData("PUT", "write")]
    [InlineData("DELETE", "rest")]
    [InlineData("OPTIONS", "rest")]
    [InlineData("BREW", "rest")]
    [InlineData("get", "rest")]
    [InlineData("PURGE", "purge")]
    public void NamedMethod_BeatsAny(string method, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", Headers: "x=*", Id: "rest"),
            new RouteSpec("/a", "PURGE", Id: "purge"),
            new RouteSpec("/a", "POST PUT", Id: "write"),
            new RouteSpec("/a", "GET", Id: "get"));

        Assert.Equal(expected, new RouteRequest(method, "/a", fields: "X: 1").Answer(trie));
    }

    [Theory]
    [InlineData("PUT", "405 GET, HEAD, POST")]
    [InlineData("OPTIONS", "405 GET, HEAD, POST")]
    [InlineData("get", "405 GET, HEAD, POST")]
    [InlineData("BREW", "405 GET, HEAD, POST")]
    public void MethodMissing_ListsThoseThatAre(string method, string expected)
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", "POST"), new RouteSpec("/a", "GET"));

        Assert.Equal(expected, new RouteRequest(method, "/a").Answer(trie));
    }

    [Fact]
    public void MethodMissing_ListsAllTemplatesThatFit()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a/b", "PUT"),
            new RouteSpec("/a/{x}", "DELETE", Priority: 3),
            new RouteSpec("/a/{x+}", "PURGE"),
            new RouteSpec("/{x}/b", "PATCH"),
            new RouteSpec("/{x}/c", "POST"));

        Assert.Equal("405 PUT, DELETE, PATCH, PURGE", new RouteRequest("GET", "/a/b").Answer(trie));
        Assert.Equal("405 DELETE, PURGE", new RouteRequest("GET", "/a/d").Answer(trie));
    }

    [Fact]
    public void MethodOfALessSpecificPath_IsFoundByBacktracking()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/users/me", "PUT", Id: "me"),
            new RouteSpec("/users/{id}", "GET", Id: "user"));

        Assert.Equal("user id=me", new RouteRequest("GET", "/users/me").Answer(trie));
        Assert.Equal("405 PUT", new RouteRequest("DELETE", "/users/me").Answer(
            RouteSpec.Compile(new RouteSpec("/users/me", "PUT"))));
    }

    [Fact]
    public void ConditionsNotMet_AreNotAMethodProblem()
    {
        // Allow must not promise a method that the same request would not be served with.
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", "GET", Headers: "x-version=2"),
            new RouteSpec("/a", "DELETE", Query: "force=*"));

        Assert.Equal("404", new RouteRequest("POST", "/a").Answer(trie));
        Assert.Equal("405 GET, HEAD", new RouteRequest("POST", "/a", fields: "X-Version: 2").Answer(trie));
        Assert.Equal("405 DELETE", new RouteRequest("GET", "/a?force").Answer(trie));
    }

    [Theory]
    [InlineData("/a", "head")]
    [InlineData("/b", "get-b")]
    [InlineData("/c", "any-c")]
    [InlineData("/d", "get-d")]
    [InlineData("/e", "head-e")]
    [InlineData("/f/x", "get-f")]
    public void Head_PrefersItsNameThenGetThenAny(string path, string expected)
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", "GET", Headers: "x=1", Id: "get"),
            new RouteSpec("/a", "HEAD", Id: "head"),
            new RouteSpec("/b", Headers: "x=1", Id: "any-b"),
            new RouteSpec("/b", "GET", Id: "get-b"),
            new RouteSpec("/c", "POST", Id: "post-c"),
            new RouteSpec("/c", Id: "any-c"),
            new RouteSpec("/d", "HEAD", Headers: "x=2", Id: "head-d"),
            new RouteSpec("/d", "GET", Id: "get-d"),
            new RouteSpec("/e", "GET", Priority: 1, Id: "get-e", Headers: "x=2"),
            new RouteSpec("/e", "GET HEAD", Id: "head-e"),
            new RouteSpec("/f/x", "GET", Id: "get-f"),
            new RouteSpec("/f/{y}", "HEAD", Id: "head-f"));

        Assert.Equal(expected, new RouteRequest("HEAD", path, fields: "X: 1").Answer(trie));
    }

    [Fact]
    public void HeadOnly_DoesNotServeGet()
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", "HEAD"));

        Assert.Equal("405 HEAD", new RouteRequest("GET", "/a").Answer(trie));
    }

    [Fact]
    public void PriorityOfGet_BeatsTheNameOfHead()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", "HEAD", Id: "head"),
            new RouteSpec("/a", "GET", Priority: 1, Id: "get"));

        Assert.Equal("get", new RouteRequest("HEAD", "/a").Answer(trie));
    }

    [Fact]
    public void MoreExtensionMethodsThanBits_AreRefusedWhenAdded()
    {
        var methods = string.Join(' ', Enumerable.Range(0, 53).Select(i => $"M{i}"));
        var trie = RouteSpec.Compile(new RouteSpec("/a", methods, Id: "all"));

        Assert.Equal("all", new RouteRequest("M52", "/a").Answer(trie));
        Assert.StartsWith("405 M0, M1, ", new RouteRequest("M53", "/a").Answer(trie), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RouteSpec.Compile(new RouteSpec("/a", methods + " M53")));
    }
}

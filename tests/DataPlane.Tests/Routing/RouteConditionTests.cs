namespace DataPlane.Tests.Routing;

public sealed class RouteConditionTests
{
    [Theory]
    [InlineData("x-version=2", "X-Version: 2", true)]
    [InlineData("x-version=2", "x-VERSION:  2  ", true)]
    [InlineData("x-version=2", "X-Version: 3", false)]
    [InlineData("x-version=2", "X-Version: 2, 3", false)]
    [InlineData("x-version=2", "X-Version2: 2", false)]
    [InlineData("x-version=2", "Y-Version: 2", false)]
    [InlineData("x-version=ab", "X-Version: AB", false)]
    [InlineData("x-version=*", "X-Version: anything", true)]
    [InlineData("x-version=*", "X-Version:", true)]
    [InlineData("x-version=*", "X-Other: 1", false)]
    [InlineData("x-version=", "X-Version:", true)]
    [InlineData("x-version=2", "X-Version: 1\nX-Version: 2", true)]
    [InlineData("accept=text/html", "Accept: text/html", true)]
    [InlineData("accept=text/html", "Content-Type: text/html", false)]
    [InlineData("x=1 y=2", "X: 1\nY: 2", true)]
    [InlineData("x=1 y=2", "X: 1", false)]
    [InlineData("x_forwarded_for=1", "X_Forwarded_For: 1", true)]
    [InlineData("x_forwarded_for=1", "X_Forwarded-For: 1", false)]
    public void Header_HasToFit(string condition, string fields, bool fits)
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", Headers: condition, Id: "found"));

        Assert.Equal(fits ? "found" : "404", new RouteRequest("GET", "/a", fields: fields.Split('\n')).Answer(trie));
    }

    [Theory]
    [InlineData("full=1", "full=1", true)]
    [InlineData("full=1", "full=2", false)]
    [InlineData("full=1", "full=12", false)]
    [InlineData("full=12", "full=1", false)]
    [InlineData("full=1", "Full=1", false)]
    [InlineData("full=1", "xfull=1", false)]
    [InlineData("full=1", "a=b&full=1&c", true)]
    [InlineData("full=1", "full=0&full=1", true)]
    [InlineData("full=1", "f%75ll=%31", true)]
    [InlineData("full=1", "", false)]
    [InlineData("full=*", "full", true)]
    [InlineData("full=*", "full=", true)]
    [InlineData("full=*", "full=x=y", true)]
    [InlineData("full=x=y", "full=x=y", true)]
    [InlineData("full=*", "a=full", false)]
    [InlineData("full=", "full", true)]
    [InlineData("full=", "full=1", false)]
    [InlineData("q=é", "q=%C3%A9", true)]
    [InlineData("q=a+b", "q=a%2Bb", true)]
    [InlineData("q=a+b", "q=a+b", false)]
    [InlineData("q=a&b", "q=a%26b", true)]
    [InlineData("q=a&b", "q=a&b", false)]
    [InlineData("full=*", "&&&full&&", true)]
    public void Query_HasToFit(string condition, string query, bool fits)
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", Query: condition, Id: "found"));

        Assert.Equal(fits ? "found" : "404", new RouteRequest("GET", $"/a?{query}").Answer(trie));
    }

    [Fact]
    public void Plus_IsASpace()
    {
        var condition = new Gateway.Routing.QueryCondition("first name", "a b");

        Assert.True(condition.IsMet("first+name=a+b"u8));
        Assert.True(condition.IsMet("first%20name=a%20b"u8));
        Assert.False(condition.IsMet("firstname=a+b"u8));
        // Escapes that are none stand for themselves: the parser refuses them, the condition must not fail on them.
        Assert.False(condition.IsMet("first%2"u8));
        Assert.False(condition.IsMet("first%zzname=a"u8));
    }

    [Fact]
    public void NoQuery_MeetsNoQueryCondition()
    {
        var trie = RouteSpec.Compile(new RouteSpec("/a", Query: "x=*"));

        Assert.Equal("404", new RouteRequest("GET", "/a").Answer(trie));
    }

    [Fact]
    public void MoreHeaderConditions_GoBeforeMoreQueryConditions()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a", Id: "none"),
            new RouteSpec("/a", Query: "q=* r=* s=*", Id: "query3"),
            new RouteSpec("/a", Headers: "x=*", Id: "header1"),
            new RouteSpec("/a", Headers: "x=*", Query: "q=*", Id: "header1-query1"),
            new RouteSpec("/a", Headers: "x=* y=*", Id: "header2"));

        Assert.Equal("header2", new RouteRequest("GET", "/a?q&r&s", fields: ["X: 1", "Y: 1"]).Answer(trie));
        Assert.Equal("header1-query1", new RouteRequest("GET", "/a?q&r&s", fields: "X: 1").Answer(trie));
        Assert.Equal("header1", new RouteRequest("GET", "/a?r", fields: "X: 1").Answer(trie));
        Assert.Equal("query3", new RouteRequest("GET", "/a?q&r&s", fields: "Y: 1").Answer(trie));
        Assert.Equal("none", new RouteRequest("GET", "/a?q&r").Answer(trie));
    }

    [Fact]
    public void ConditionsNotMet_LessSpecificPathIsTried()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/users/me", Headers: "x=1", Id: "me"),
            new RouteSpec("/users/{id}", Query: "full=*", Id: "full"),
            new RouteSpec("/{rest+}", Id: "rest"));

        Assert.Equal("me", new RouteRequest("GET", "/users/me?full", fields: "X: 1").Answer(trie));
        Assert.Equal("full id=me", new RouteRequest("GET", "/users/me?full").Answer(trie));
        Assert.Equal("rest rest=users/me", new RouteRequest("GET", "/users/me").Answer(trie));
    }
}

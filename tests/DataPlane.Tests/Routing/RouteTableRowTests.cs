using DataPlane.Config;

namespace DataPlane.Tests.Routing;

public sealed class RouteTableRowTests
{
    [Fact]
    public void Describe_ListsHostsThenPathsInMatchOrder()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/{rest+}", Id: "catch-all"),
            new RouteSpec("/users/{id}", "GET", Id: "user"),
            new RouteSpec("/users/{id}", Headers: "x=*", Id: "user-any"),
            new RouteSpec("/users/me", Id: "me"),
            new RouteSpec("/users", Id: "users"),
            new RouteSpec("/users/{id}", "GET", Headers: "x=1", Query: "q=*", Id: "user-x"),
            new RouteSpec("/first/{rest+}", Priority: 9, Id: "first"),
            new RouteSpec("/a", Hosts: "*.example.com Z.example.com", Id: "hosts"),
            new RouteSpec("/a", Hosts: "*.eu.example.com", Id: "eu"),
            new RouteSpec("/a", Hosts: "a.example.com", Id: "exact"));

        var rows = trie.Describe().Select(row => $"{row.Host}{row.Path} {row.RouteId}");

        Assert.Equal(
            """
            a.example.com/a exact
            z.example.com/a hosts
            *.eu.example.com/a eu
            *.example.com/a hosts
            */first/{rest+} first
            */users users
            */users/me me
            */users/{id} user-x
            */users/{id} user
            */users/{id} user-any
            */{rest+} catch-all
            """,
            string.Join('\n', rows));
    }

    [Fact]
    public void Row_SaysWhatTheRouteAsks()
    {
        var trie = RouteSpec.Compile(
            new RouteSpec("/a/{b}", "GET PUT", "a.com", "x=1 y=*", "q=2", Priority: 7, Id: "route"));

        var row = Assert.Single(trie.Describe());

        Assert.Equal(("a.com", 7, "/a/{b}", "route"), (row.Host, row.Priority, row.Path, row.RouteId));
        Assert.Equal("GET PUT", string.Join(' ', row.Methods));
        Assert.Equal((new FieldCondition("x", "1"), new FieldCondition("y", null)), (row.Headers[0], row.Headers[1]));
        Assert.Equal(new FieldCondition("q", "2"), Assert.Single(row.Query));
    }
}

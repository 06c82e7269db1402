using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("/", "", false)]
    [InlineData("/users", "Literal users", false)]
    [InlineData("/users/", "Literal users", true)]
    [InlineData("/users/{id}", "Literal users, Parameter id", false)]
    [InlineData("/users/{id}/", "Literal users, Parameter id", true)]
    [InlineData("/assets/{path+}", "Literal assets, Greedy path", false)]
    [InlineData("/{proxy+}", "Greedy proxy", false)]
    [InlineData("/a.b/c~d/$metadata/caf%C3%A9/a%20b", "Literal a.b, Literal c~d, Literal $metadata, "
        + "Literal caf%C3%A9, Literal a%20b", false)]
    [InlineData("/users:search/{a-b}/{c_d}", "Literal users:search, Parameter a-b, Parameter c_d", false)]
    public void GoodPath_GivesItsSegments(string text, string segments, bool trailingSlash)
    {
        PathTemplate path = PathTemplate.Parse(text);
        Assert.Equal(segments, string.Join(", ", path.Segments.Select(s => $"{s.Kind} {s.Text}")));
        Assert.Equal(trailingSlash, path.TrailingSlash);
        Assert.Equal(text, path.ToString());
    }

    [Theory]
    [InlineData("", "a path starts with '/'; add the '/'")]
    [InlineData("users", "a path starts with '/'; add the '/'")]
    [InlineData("//", "has an empty segment ('//'); write one '/'")]
    [InlineData("/a//b", "has an empty segment ('//'); write one '/'")]
    [InlineData("/a//", "has an empty segment ('//'); write one '/'")]
    [InlineData("/a/../b", "has a dot segment ('..'); write the path it leads to")]
    [InlineData("/./b", "has a dot segment ('.'); write the path it leads to")]
    [InlineData("/a/*", "'*' is no wildcard here; write {name}, or {name+} as the last segment")]
    [InlineData("/a;b", "a path has no ';'; leave it out: routes match without path parameters")]
    [InlineData("/a?b=c", "a path has no '?'; write query conditions under match.query")]
    [InlineData("/a#b", "a path has no '#'; write query conditions under match.query")]
    [InlineData("/a\\b", "the character '\\' is not allowed in a path; write %5C")]
    [InlineData("/a b", "the character ' ' is not allowed in a path; write %20")]
    [InlineData("/é", "the character 'é' is not allowed in a path; write %C3%A9")]
    [InlineData("/a\0", "the character '\\u0000' is not allowed in a path; write %00")]
    [InlineData("/%", "'%' is not followed by two hexadecimal digits; write %25 for a percent sign")]
    [InlineData("/%4", "'%' is not followed by two hexadecimal digits; write %25 for a percent sign")]
    [InlineData("/%zz", "'%' is not followed by two hexadecimal digits; write %25 for a percent sign")]
    [InlineData("/%41", "'%41' is not canonical; write 'A'")]
    [InlineData("/%2e%2e", "'%2e' is not canonical; write '.'")]
    [InlineData("/%c3%A9", "'%c3' is not canonical; write '%C3'")]
    [InlineData("/a%2Fb", "'%2F' is not allowed in a literal; match it with a {parameter} and encodedSlash: keep")]
    [InlineData("/a%5Cb", "'%5C' is not allowed in a literal; remove it")]
    [InlineData("/a%00", "'%00' is not allowed in a literal; remove it")]
    [InlineData("/users-{id}", "a parameter is a whole segment; write it between two '/', as in /users/{id}")]
    [InlineData("/{id", "a parameter is a whole segment; write it between two '/', as in /users/{id}")]
    [InlineData("/{}", "'{}' is not a parameter; "
        + "write {name} with letters, digits, '-' and '_', or {name+} as the last segment")]
    [InlineData("/{a b}", "'{a b}' is not a parameter; "
        + "write {name} with letters, digits, '-' and '_', or {name+} as the last segment")]
    [InlineData("/{id}/{id}", "the parameter 'id' is there twice; give each parameter its own name")]
    [InlineData("/{a+}/b", "'{a+}' is not the last segment; end the path with it")]
    [InlineData("/{a+}/", "'{a+}' is not the last segment; end the path with it")]
    public void BadPath_SaysWhatToWrite(string text, string expected)
    {
        Assert.Null(PathTemplate.TryParse(text, out Problem problem));
        Assert.Equal(expected, $"{problem.Message}; {problem.Fix}");
    }

    [Fact]
    public void PathBeyondItsLimits_IsRefused()
    {
        Assert.Null(PathTemplate.TryParse("/" + new string('a', Limits.PathLength), out Problem tooLong));
        Assert.Equal("is longer than 2048 characters", tooLong.Message);
        string deep = string.Concat(Enumerable.Repeat("/a", Limits.PathSegments + 1));
        Assert.Null(PathTemplate.TryParse(deep, out Problem tooDeep));
        Assert.Equal("has more than 64 segments", tooDeep.Message);
        Assert.NotNull(PathTemplate.TryParse(deep[2..], out _));
    }
}

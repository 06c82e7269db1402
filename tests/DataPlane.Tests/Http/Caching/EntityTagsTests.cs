using System.Text;
using DataPlane.Http.Caching;

namespace DataPlane.Tests.Http.Caching;

public sealed class EntityTagsTests
{
    [Theory]
    [InlineData("\"a\"", "\"a\"", true)]
    [InlineData("W/\"a\"", "\"a\"", true)]
    [InlineData("\"a\"", "W/\"a\"", true)]
    [InlineData("\"b\", W/\"a\" ,\"c\"", "\"a\"", true)]
    [InlineData("\"b,\\\", \"a\"", "\"a\"", true)]
    [InlineData("\"x, a\"", "a", false)]
    [InlineData("a", "\"a\"", true)]
    [InlineData("*", "\"a\"", true)]
    [InlineData("*", "", true)]
    [InlineData("\"b\"", "\"a\"", false)]
    [InlineData("\"a", "\"a\"", false)]
    [InlineData("", "", false)]
    public void List_IsComparedWeakly(string list, string tag, bool matches) =>
        Assert.Equal(matches, EntityTags.MatchesAny(Encoding.ASCII.GetBytes(list), Encoding.ASCII.GetBytes(tag)));

    [Theory]
    [InlineData("\"a\"", "\"a\"", true)]
    [InlineData("W/\"a\"", "W/\"a\"", false)]
    [InlineData("\"a\"", "W/\"a\"", false)]
    [InlineData("\"a\"", "\"b\"", false)]
    [InlineData("", "", false)]
    public void StrongComparison_TakesNoWeakTag(string one, string other, bool isSame) =>
        Assert.Equal(isSame, EntityTags.IsSameStrong(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(other)));
}

namespace DataPlane.Tests.Architecture;

/// <summary>The scanner the style rules stand on: where it is blind, they pass without having looked.</summary>
public sealed class SourceTextTests
{
    [Theory]
    [InlineData("a // x {\nb", "a       \nb")]
    [InlineData("a /* { */ b", "a         b")]
    [InlineData("f('{', '\\'');", "f(   ,     );")]
    [InlineData("f(\"{\");", "f(   );")]
    [InlineData("f(\"\\\"{\");", "f(     );")]
    [InlineData("f(@\"\"\"{\\\");", "f(       );")]
    [InlineData("f(\"\"\"a \" {\"\"\");", "f(           );")]
    [InlineData("f($\"{{ {g(\"}\")} }}\");", "f(                 );")]
    [InlineData("f($\"{a.Trim('\"')}\");", "f(                );")]
    [InlineData("f($$\"\"\"{ {{x}} \"\"\");", "f(                );")]
    [InlineData("f(\"\");", "f(  );")]
    public void LiteralOrComment_IsBlankedInPlace(string text, string expected) =>
        Assert.Equal(expected, new SourceText(text).Code);

    [Fact]
    public void Comment_IsKeptAmongComments()
    {
        var source = new SourceText("a(\"// no\"); // yes\n");

        Assert.Equal("            // yes\n", source.Comments);
    }

    [Fact]
    public void MembersAndLocalFunctions_AreFoundWithTheirLines()
    {
        const string Code = """
            namespace A;
            static void Local(int x)
            {
            }
            class B(int y) : C(y)
            {
                private readonly D _d = new(1) { E = 2 };
                [F(1)]
                public G H<T>(int i = 0)
                    where T : class
                {
                    for (var j = 0; j < 3; j++)
                    {
                    }
                }
                public int K(int l) => l switch
                {
                    1 => 2,
                };
                public int M { get; }
            }
            """;

        var found = SourceFunctions.Find(new SourceText(Code).Code);

        Assert.Equal([("Local", 2, 3), ("H", 8, 8), ("K", 16, 4)], found);
    }
}

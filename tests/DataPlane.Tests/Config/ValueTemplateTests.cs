using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class ValueTemplateTests
{
    private static readonly string[] s_captures = ["id", "rest"];

    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "Literal:plain")]
    [InlineData("/v2/{id}/x", "Literal:/v2/ Capture:id Literal:/x")]
    [InlineData("{id}{rest}", "Capture:id Capture:rest")]
    [InlineData("{request.id}", "RequestId:request.id")]
    [InlineData("{client.address}", "ClientAddress:client.address")]
    [InlineData("{request.host}", "RequestHost:request.host")]
    [InlineData("{request.path}", "RequestPath:request.path")]
    [InlineData("{request.query}", "RequestQuery:request.query")]
    [InlineData("{{id}}", "Literal:{id}")]
    [InlineData("{{id}", "Literal:{id}")]
    [InlineData("{{{id}}}", "Literal:{ Capture:id Literal:}")]
    public void GoodText_GivesItsParts(string text, string parts)
    {
        ValueTemplate template = ValueTemplate.Parse(text, s_captures);
        Assert.Equal(parts, string.Join(' ', template.Parts.Select(part => $"{part.Kind}:{part.Text}")));
        Assert.Equal(parts.Length == 0 || parts.StartsWith("Literal", StringComparison.Ordinal)
            && !parts.Contains("Capture", StringComparison.Ordinal), template.IsLiteral);
    }

    [Theory]
    [InlineData("{name}", "unknown name 'name' in braces")]
    [InlineData("{}", "unknown name '' in braces")]
    [InlineData("{ id }", "unknown name ' id ' in braces")]
    [InlineData("{id", "'{' has no closing '}'")]
    [InlineData("a\rb", "contains a line end or a zero character")]
    [InlineData("a\nb", "contains a line end or a zero character")]
    [InlineData("a\0b", "contains a line end or a zero character")]
    public void BadText_SaysWhatIsWrong(string text, string expected)
    {
        Assert.Null(ValueTemplate.TryParse(text, s_captures, out Problem problem));
        Assert.Equal(expected, problem.Message);
        Assert.Equal(
            $"{problem.Message}; {problem.Fix}",
            Assert.Throws<FormatException>(() => ValueTemplate.Parse(text, s_captures)).Message);
    }

    [Fact]
    public void TextBeyondItsLimit_IsRefused()
    {
        Assert.NotNull(ValueTemplate.TryParse(new string('a', Limits.TemplateLength), [], out _));
        Assert.Null(ValueTemplate.TryParse(new string('a', Limits.TemplateLength + 1), [], out Problem problem));
        Assert.Equal("is longer than 4096 characters", problem.Message);
    }
}

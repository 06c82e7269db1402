using System.Text.RegularExpressions;
using DataPlane.Config;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Config;

/// <summary>docs/logging.md and docs/tracing.md say what the reader does.</summary>
public sealed class LoggingPagesTests
{
    [Theory]
    [InlineData("docs/logging.md", 3)]
    [InlineData("docs/tracing.md", 1)]
    public void EveryExample_LoadsWithoutErrors(string page, int least)
    {
        string[] parts = Repository.Read(page).Split("```yaml\n");
        string[] examples = [.. parts.Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.InRange(examples.Length, least, 100);
        Assert.All(examples, example => Assert.Empty(ConfigText.Load(example).Errors));
    }

    [Fact]
    public void EveryVariable_IsInTheTable()
    {
        string page = Repository.Read("docs/logging.md");
        Assert.All(LogTemplate.Names, name => Assert.Contains($"`${name}`", page, StringComparison.Ordinal));
        var written = Regex.Matches(page, @"`\$(?<name>context\.[\w.]+)`", RegexOptions.None, TimeSpan.FromSeconds(5))
            .Select(match => match.Groups["name"].Value);
        Assert.Empty(written.Except(LogTemplate.Names, StringComparer.Ordinal));
    }

    [Fact]
    public void EveryNameThatIsAlwaysMasked_IsListed()
    {
        string page = Repository.Read("docs/logging.md");
        var names = LogRedactionConfig.StandardQuery.Concat(LogRedactionConfig.StandardHeaders);
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }
}

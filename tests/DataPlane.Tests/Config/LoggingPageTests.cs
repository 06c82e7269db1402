using System.Text.RegularExpressions;
using DataPlane.Config;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Config;

/// <summary>docs/logging.md says what the reader does.</summary>
public sealed class LoggingPageTests
{
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

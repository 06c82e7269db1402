using System.Text.RegularExpressions;

namespace DataPlane.Tests.Architecture;

/// <summary>docs/security.md names tests that exist, and for every class of attacks at least one.</summary>
public sealed class SecurityPageTests
{
    private static readonly Regex s_testClass = SourcePattern.Of("`(?<name>[A-Z][A-Za-z0-9]*Tests)`");
    private static readonly string s_page = Repository.Read("docs/security.md");

    [Fact]
    public void EveryNamedTest_Exists()
    {
        var known = typeof(SecurityPageTests).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(IsTest)).Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        var named = s_testClass.Matches(s_page).Select(match => match.Groups["name"].Value).ToList();
        Assert.InRange(named.Count, 40, 500);
        Findings.AssertNone(named.Distinct(StringComparer.Ordinal).Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public void EveryAttackClass_NamesItsTests()
    {
        string table = s_page[s_page.IndexOf("| class | defence | shown by |", StringComparison.Ordinal)..];
        string[] rows = [.. table.Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|'))];
        Assert.InRange(rows.Length, 20, 100);
        Findings.AssertNone(rows.Where(row => !s_testClass.IsMatch(row.Split('|')[^2])));
    }

    private static bool IsTest(System.Reflection.MethodInfo method) =>
        method.GetCustomAttributes(inherit: true).Any(each => each is FactAttribute);
}

using System.Text.RegularExpressions;

namespace DataPlane.Tests.Architecture;

/// <summary>Links between our own pages lead somewhere.</summary>
public sealed class DocsTests
{
    private static readonly Regex s_link = SourcePattern.Of(@"\[[^\]]*\]\((?<target>[^)\s]+)[^)]*\)");
    private static readonly Regex s_code = SourcePattern.Of(
        @"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline);
    private static readonly Regex s_elsewhere = SourcePattern.Of("^[a-z]+:");
    private static readonly Regex s_heading = SourcePattern.Of("^#+ (?<heading>.+)$", RegexOptions.Multiline);
    private static readonly Regex s_mark = SourcePattern.Of(@"[^\w\- ]");

    private static List<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md").Select(file => Path.GetFileName(file)!)
            .Concat(new[] { "docs", "perf", "src", "tests", "tools" }
                .SelectMany(folder => Repository.Files(folder, ".md"))),
    ];

    [Fact]
    public void RelativeLinks_LeadToAFileAndAHeading() => Findings.AssertNone(Pages.SelectMany(BrokenLinks));

    [Fact]
    public void Pages_AreFound() => Assert.Contains(Pages, page => page == "docs/performance.md");

    [Theory]
    [InlineData("## Idle connections, 10,000 of them", "idle-connections-10000-of-them")]
    [InlineData("# `peers.py`: how to run it", "peerspy-how-to-run-it")]
    public void Heading_IsReachedByItsAnchor(string heading, string anchor) =>
        Assert.Equal([anchor], Anchors(heading));

    [Fact]
    public void LinkInCode_IsNotALink() => Assert.Empty(Links("```\n[a](missing.md)\n```\nand `[b](missing.md)`"));

    private static IEnumerable<string> BrokenLinks(string page)
    {
        foreach (var link in Links(Repository.Read(page)))
        {
            if (s_elsewhere.IsMatch(link))
                continue;
            var parts = link.Split('#', 2);
            var folder = Path.Combine(Repository.Root, Path.GetDirectoryName(page)!);
            var target = parts[0].Length == 0 ? Path.Combine(Repository.Root, page) : Path.Combine(folder, parts[0]);
            if (!File.Exists(target) && !Directory.Exists(target))
                yield return $"{page}: {link}";
            else if (parts.Length == 2 && !Anchors(File.ReadAllText(target)).Contains(parts[1], StringComparer.Ordinal))
                yield return $"{page}: {link} (no such heading)";
        }
    }

    private static List<string> Links(string text)
    {
        var prose = s_code.Replace(text, "");
        return [.. s_link.Matches(prose).Select(match => match.Groups["target"].Value)];
    }

    /// <summary>Anchors as the usual renderers make them: lower case, spaces to dashes, other marks dropped.</summary>
    private static List<string> Anchors(string text) =>
    [
        .. s_heading.Matches(text)
            .Select(match => match.Groups["heading"].Value.Trim().ToLowerInvariant())
            .Select(heading => s_mark.Replace(heading, "").Replace(' ', '-')),
    ];
}

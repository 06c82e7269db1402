using System.Text.RegularExpressions;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>docs/metrics.md, dashboard and the alert rules speak of the metrics that a running gateway has.</summary>
public sealed class MetricsDocumentsTests
{
    private static readonly Regex s_row = SourcePattern.Of(
        @"^\| `(?<name>(dataplane|dotnet|process)_\w+)` \| (?<type>\w+) \|(?<labels>[^|]*)\|", RegexOptions.Multiline);
    private static readonly Regex s_type = SourcePattern.Of(
        @"^# TYPE (?<name>\w+) (?<type>\w+)$", RegexOptions.Multiline);
    private static readonly Regex s_name = SourcePattern.Of(@"\b(dataplane|dotnet|process)_\w+");
    private static readonly Regex s_suffix = SourcePattern.Of("_(?:bucket|sum|count)$");
    private static readonly Regex s_label = SourcePattern.Of("(?<name>\\w+)=\"");

    [Fact]
    public async Task EveryMetric_IsDocumentedWithItsTypeAndLabels()
    {
        string page = await PageAsync();
        var documented = s_row.Matches(Repository.Read("docs/metrics.md")).Select(row =>
            $"{row.Groups["name"].Value} {row.Groups["type"].Value}").Order(StringComparer.Ordinal);
        var shown = s_type.Matches(page).Select(type => $"{type.Groups["name"].Value} {type.Groups["type"].Value}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(shown, documented);
        foreach (Match row in s_row.Matches(Repository.Read("docs/metrics.md")))
        {
            string labels = row.Groups["labels"].Value.Trim();
            if (LabelsOf(page, row.Groups["name"].Value) is { } found) Assert.Equal(found, labels);
        }
    }

    [Theory]
    [InlineData("docs/grafana/dataplane.json")]
    [InlineData("docs/alerts/dataplane.rules.yaml")]
    [InlineData("docs/alerts.md")]
    public async Task EveryMetricNamed_Exists(string file)
    {
        string page = await PageAsync();
        var known = s_type.Matches(page).Select(type => type.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = s_name.Matches(Repository.Read(file)).Select(match => match.Value)
            .Select(name => s_suffix.Replace(name, ""))
            .Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(named);
        Findings.AssertNone(named.Where(name => !known.Contains(name)));
    }

    [Fact]
    public async Task AlertRules_AreValidAndPassTheirTests()
    {
        string folder = Path.Combine(Repository.Root, "docs", "alerts");
        var (isValid, checkedSaid) = await RealTool.RunAsync(
            "promtool", "prometheus", "check", "rules", Path.Combine(folder, "dataplane.rules.yaml"));
        Assert.True(isValid == 0, checkedSaid);
        var (passes, testSaid) = await RealTool.RunAsync(
            "promtool", "prometheus", "test", "rules", Path.Combine(folder, "dataplane.tests.yaml"));
        Assert.True(passes == 0, testSaid);
    }

    [Fact]
    public void EveryAlert_HasItsSectionAndItsTest()
    {
        string rules = Repository.Read("docs/alerts/dataplane.rules.yaml");
        var alerts = SourcePattern.Of(@"- alert: (?<name>\w+)").Matches(rules)
            .Select(match => match.Groups["name"].Value).ToList();
        Assert.InRange(alerts.Count, 10, 50);
        string page = Repository.Read("docs/alerts.md");
        string tests = Repository.Read("docs/alerts/dataplane.tests.yaml");
        Assert.All(alerts, alert =>
        {
            Assert.Contains($"\n## {alert}\n", page, StringComparison.Ordinal);
            Assert.Contains($"alertname: {alert}", tests, StringComparison.Ordinal);
        });
    }

    private static async Task<string> PageAsync()
    {
        string log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await using var gateway = await SeenGateway.StartAsync($"accessLog: {{ to: \"file:{log}\" }}");
            await gateway.AskAsync();
            return await gateway.PageAsync("text/plain");
        }
        finally
        {
            File.Delete(log);
        }
    }

    /// <summary>The labels of a metric's first sample as the table lists them; null when it has no sample.</summary>
    private static string? LabelsOf(string page, string name)
    {
        string? sample = page.Split('\n').FirstOrDefault(line =>
            line.StartsWith(name, StringComparison.Ordinal)
            && line[name.Length..] is ['{' or ' ', ..] or ['_', 'b' or 's' or 'c', ..]);
        if (sample is null) return null;
        var labels = s_label.Matches(sample).Select(match => match.Groups["name"].Value).Where(label => label != "le");
        return string.Join(", ", labels);
    }
}

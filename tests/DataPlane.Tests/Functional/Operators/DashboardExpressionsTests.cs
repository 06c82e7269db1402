using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>
/// Expressions of dashboards evaluate to data on a real Prometheus that scraped a gateway under traffic: those of our
/// own dashboard, and with <c>metrics.compatibility</c> those that were published for other products.
/// </summary>
public sealed class DashboardExpressionsTests
{
    private const string Everything = "metrics: { compatibility: [opentelemetry, traefik, kong, nginx] }";

    /// <summary>Expressions that give data: all 28 of Traefik's, all 8 of nginx's, of Kong's all but two.</summary>
    private const int EvaluatingFloor = 78;

    [Fact]
    public async Task PublishedExpressions_AsManyAsTheDocsSayEvaluate()
    {
        if (!SharedCorpora.TryRead("http/grafana_expressions.json", out JsonDocument document)) return;
        using (document)
        {
            var expressions = document.RootElement.GetProperty("dashboards").EnumerateObject()
                .SelectMany(board => board.Value.EnumerateArray().Select(each => each.GetString()!)).ToList();
            await using var gateway = await SeenGateway.StartAsync(Everything);
            await using var prometheus = await ScrapeAsync(gateway);
            var empty = new List<string>();
            foreach (string expression in expressions)
            {
                if ((await prometheus.QueryAsync(WithValues(expression))).Count == 0) empty.Add(expression);
            }
            int evaluating = expressions.Count - empty.Count;
            string ours = string.Join(
                '\n', empty.Where(each => Regex.IsMatch(each, "traefik_|kong_|nginx_", RegexOptions.None, Second)));
            Assert.True(evaluating >= EvaluatingFloor, $"{evaluating} of {expressions.Count}; empty:\n{ours}");
            string said = string.Create(
                CultureInfo.InvariantCulture, $"Of the {expressions.Count} expressions of nine published dashboards, ");
            string page = Repository.Read("docs/metrics.md");
            int at = page.IndexOf(said, StringComparison.Ordinal);
            Assert.True(at > 0, "docs/metrics.md does not say how many");
            Assert.StartsWith($"{evaluating} evaluate", page[(at + said.Length)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OwnDashboard_EveryExpressionIsUnderstoodAndMostHaveData()
    {
        using var board = JsonDocument.Parse(Repository.Read("docs/grafana/dataplane.json"));
        var expressions = board.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!).ToList();
        Assert.InRange(expressions.Count, 25, 100);
        await using var gateway = await SeenGateway.StartAsync();
        await using var prometheus = await ScrapeAsync(gateway);
        var empty = new List<string>();
        foreach (string expression in expressions)
        {
            if ((await prometheus.QueryAsync(WithValues(expression))).Count == 0) empty.Add(expression);
        }
        // This gateway has no access log, no reloads, no names, and the trouble that some lines are for stays away.
        const string Absent =
            "refused_connections|access_log|config_re|config_ro|dns_|over_budget|overflows|ejections|circuit";
        Assert.All(empty, each => Assert.Matches(Absent, each));
    }

    private static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    /// <summary>A scraper that has seen two rounds of traffic apart from each other: enough for a rate.</summary>
    private static async Task<PrometheusServer> ScrapeAsync(SeenGateway gateway)
    {
        await gateway.AskAsync();
        var prometheus = await PrometheusServer.StartAsync(
            ("dataplane", gateway.Address.Authority, "/metrics"));
        const string Scraped = "sum(dataplane_http_requests_total)";
        await Eventually.HoldsAsync(
            async () => (await prometheus.QueryAsync(Scraped)).Count == 1, "the first round is scraped");
        double before = (await prometheus.QueryAsync(Scraped))[0].Value;
        await Task.WhenAll(gateway.AskAsync(), gateway.AskSlowlyAsync());
        await Eventually.HoldsAsync(
            async () => (await prometheus.QueryAsync(Scraped))[0].Value >= (2 * before) + 1,
            "the second round is scraped");
        return prometheus;
    }

    /// <summary>As Grafana fills in what is chosen when everything is.</summary>
    private static string WithValues(string expression)
    {
        string filled = Regex.Replace(
            expression, @"\$(?:interval|__rate_interval)\b", "1m", RegexOptions.None, Second);
        filled = filled.Replace("$job", "dataplane", StringComparison.Ordinal);
        filled = Regex.Replace(filled, @"\$\w+\.\*", ".*", RegexOptions.None, Second);
        // Comments of Kong's one expression end with its line breaks, which the collection has lost.
        filled = Regex.Replace(filled, @"\$(?!1"")\w+", ".*", RegexOptions.None, Second);
        return filled.Contains('#') ? WithoutComments(filled) : filled;
    }

    private static string WithoutComments(string expression) => Regex.Replace(
        expression,
        "# map state to a numeric value # since grafana doesn't support value mapping yet"
        + "|# healthy is positive number|# healthchecks_off is 0|# unhealthy is negative number",
        "", RegexOptions.None, Second);
}

using DataPlane.Tests.Functional.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>The real Prometheus scrapes the running gateway, in both formats.</summary>
public sealed class PrometheusScrapeTests
{
    private const string All = "{job=\"open\",__name__=~\"dataplane_.*\"}";

    [Fact]
    public async Task BothFormats_GiveTheSameSeries()
    {
        await using var gateway = await SeenGateway.StartAsync();
        await gateway.AskAsync();
        // The scraper prefers OpenMetrics; behind this it gets what it asks for least.
        await using var text = await ServeTextAsync(gateway);
        string textTarget = new Uri(AddressOf(text)).Authority;
        await using var prometheus = await PrometheusServer.StartAsync(
            ("open", gateway.Address.Authority, "/metrics"), ("text", textTarget, "/"));
        await Eventually.HoldsAsync(
            async () => (await prometheus.QueryAsync("up == 1")).Count == 2
                && (await prometheus.QueryAsync(All)).Count > 0,
            "both are up");
        double lines = (await gateway.PageAsync("*/*")).Split('\n').Count(line => line.Length > 0 && line[0] != '#');
        foreach (string job in (string[])["open", "text"])
        {
            var scraped = await prometheus.QueryAsync($"scrape_samples_scraped{{job=\"{job}\"}}");
            Assert.Equal(lines, Assert.Single(scraped).Value);
            var kept = await prometheus.QueryAsync($"scrape_samples_post_metric_relabeling{{job=\"{job}\"}}");
            Assert.Equal(lines, Assert.Single(kept).Value);
            // As many as lines: no two of them were the same series.
            var series = await prometheus.QueryAsync(
                $"count({{job=\"{job}\",__name__!~\"up|scrape_.*\"}})");
            Assert.Equal(lines, Assert.Single(series).Value);
        }
        var requests = await prometheus.QueryAsync(
            "dataplane_http_requests_total{job=\"open\",route=\"mock\",method=\"GET\",status_class=\"2xx\"}");
        Assert.Equal(1, Assert.Single(requests).Value);
        Assert.DoesNotContain("Error on ingesting", prometheus.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SampledTrace_IsAnExemplarOfThePage()
    {
        await using var gateway = await SeenGateway.StartAsync();
        await gateway.AskAsync();
        await using var prometheus = await PrometheusServer.StartAsync(
            ("open", gateway.Address.Authority, "/metrics"));
        await Eventually.HoldsAsync(
            async () => (await prometheus.ExemplarsAsync("dataplane_http_request_duration_seconds_bucket"))
                .Contains(SeenGateway.TraceId, StringComparison.Ordinal),
            "the exemplar is stored");
    }

    [Fact]
    public async Task WholePage_PassesTheLinterWithoutAWord()
    {
        await using var gateway = await SeenGateway.StartAsync();
        await gateway.AskAsync();
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await gateway.PageAsync("text/plain"));
            var (exitCode, said) = await RealTool.RunAsync(
                "sh", "prometheus", "-c", "promtool check metrics < \"$0\"", file);
            Assert.Equal((0, ""), (exitCode, said.Trim()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/openmetrics-text")]
    public async Task EverySeries_IsOnThePageOnce(string accept)
    {
        await using var gateway = await SeenGateway.StartAsync(
            "metrics: { compatibility: [opentelemetry, traefik, kong, nginx] }");
        await gateway.AskAsync();
        await gateway.AskAsync();
        string page = await gateway.PageAsync(accept);
        var series = page.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(SeriesOf);
        Assert.DoesNotContain(series.CountBy(each => each, StringComparer.Ordinal), each => each.Value > 1);
        var families = page.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal));
        Assert.DoesNotContain(families.CountBy(each => each, StringComparer.Ordinal), each => each.Value > 1);
    }

    private static string SeriesOf(string line)
    {
        int exemplar = line.IndexOf(" # ", StringComparison.Ordinal);
        string sample = exemplar < 0 ? line : line[..exemplar];
        return sample[..sample.LastIndexOf(' ')];
    }

    private static string AddressOf(WebApplication server) =>
        server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static async Task<WebApplication> ServeTextAsync(SeenGateway gateway)
    {
        // Each watch of a settings file is one of the few that the system has.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(async context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4";
            await context.Response.WriteAsync(await gateway.PageAsync("text/plain"));
        });
        await server.StartAsync();
        return server;
    }
}

using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Config;

/// <summary>The examples of the pages can be used as they stand.</summary>
public sealed class PageExamplesTests
{
    /// <summary>How an example for Prometheus begins; all others are the gateway's.</summary>
    private const string Scraping = "scrape_configs:";

    [Theory]
    [InlineData("README.md", 1)]
    [InlineData("docs/operations.md", 1)]
    [InlineData("docs/upstreams.md", 4)]
    [InlineData("docs/deployment.md", 1)]
    [InlineData("docs/proxy-protocol.md", 2)]
    [InlineData("docs/http2.md", 1)]
    [InlineData("docs/grpc.md", 2)]
    [InlineData("docs/limits.md", 1)]
    [InlineData("docs/logging.md", 3)]
    [InlineData("docs/tracing.md", 1)]
    [InlineData("docs/functions.md", 5)]
    [InlineData("docs/lambda-aws.md", 1)]
    [InlineData("docs/websocket.md", 2)]
    [InlineData("docs/policies/rate-limit.md", 1)]
    [InlineData("docs/policies/concurrency-limit.md", 1)]
    [InlineData("docs/policies/cache.md", 4)]
    public void EveryExample_LoadsWithoutErrors(string page, int least)
    {
        string[] examples = [.. Blocks(page).Where(each => !each.StartsWith(Scraping, StringComparison.Ordinal))];
        Assert.InRange(examples.Length, least, 100);
        Assert.All(examples, example => Assert.Empty(ConfigText.Load(example).Errors));
    }

    [Fact]
    public async Task ScrapeExample_IsTakenByPrometheus()
    {
        string example = Blocks("docs/operations.md")
            .Single(each => each.StartsWith(Scraping, StringComparison.Ordinal));
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, example);
            var (status, said) = await RealTool.RunAsync("promtool", "prometheus", "check", "config", file);
            Assert.True(status == 0, said);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Blocks(string page) => Repository.Read(page).Split("```yaml\n").Skip(1)
        .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]);
}

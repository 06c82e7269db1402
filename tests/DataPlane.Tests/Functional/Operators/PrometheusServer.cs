using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>The real Prometheus on a free port, scraping what it is told every second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly RealTool _tool;
    private readonly HttpClient _client;

    private PrometheusServer(DirectoryInfo folder, RealTool tool, int port)
    {
        _folder = folder;
        _tool = tool;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public string Said => _tool.Said;

    /// <summary>Each job is a name, the target's authority and the path of its page.</summary>
    public static async Task<PrometheusServer> StartAsync(params (string Job, string Target, string Path)[] jobs)
    {
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        string config = Path.Combine(folder.FullName, "prometheus.yml");
        string scrapes = string.Concat(jobs.Select(each =>
            $"""
              - job_name: {each.Job}
                metrics_path: {each.Path}
                static_configs: [ targets: ["{each.Target}"] ]

            """));
        await File.WriteAllTextAsync(
            config, $"global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs:\n{scrapes}");
        int port = RealTool.FreePort();
        var tool = RealTool.Start(
            "prometheus", "prometheus", $"--config.file={config}", $"--storage.tsdb.path={folder.FullName}/data",
            $"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage");
        var server = new PrometheusServer(folder, tool, port);
        try
        {
            await Eventually.HoldsAsync(server.IsReadyAsync, "Prometheus is ready");
        }
        catch (TimeoutException)
        {
            string said = tool.Said;
            await server.DisposeAsync();
            Assert.Fail(said);
        }
        return server;
    }

    /// <summary>The vector an expression evaluates to now: labels and values; empty for no data.</summary>
    public async Task<List<(JsonElement Labels, double Value)>> QueryAsync(string expression)
    {
        using var form = new FormUrlEncodedContent([new("query", expression)]);
        using var response = await _client.PostAsync("/api/v1/query", form);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.GetProperty("status").GetString() == "success", $"{expression}: {answer}");
        return
        [
            .. answer.GetProperty("data").GetProperty("result").EnumerateArray().Select(each => (
                each.GetProperty("metric"),
                Parse(each.GetProperty("value")[1].GetString()!))),
        ];
    }

    public async Task<string> ExemplarsAsync(string series)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return await _client.GetStringAsync(
            $"/api/v1/query_exemplars?query={Uri.EscapeDataString(series)}&start={now - 600}&end={now + 600}");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _tool.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static double Parse(string value) => value switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _client.GetAsync("/-/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

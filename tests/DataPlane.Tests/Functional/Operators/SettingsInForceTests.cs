using System.Globalization;
using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Recording.Traces;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>Settings of the process that follow the configuration in force, while requests go on.</summary>
public sealed class SettingsInForceTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("settings-");
    private GatewayHost _host = null!;
    private HttpClient _admin = null!;
    private HttpClient _client = null!;

    private string Old => Path.Combine(_folder.FullName, "old.log");

    private string New => Path.Combine(_folder.FullName, "new.log");

    public async Task InitializeAsync()
    {
        var source = ConfigSource.OfText(
            "test.yaml", Config($"accessLog: {{ to: \"file:{Old}\" }}"), overrides: null, ConfigEnvironment.Empty);
        var first = source.Load();
        _host = new GatewayHost(
            first.Result.Config!, first.EffectiveJson.Value, TimeProvider.System,
            new RunOptions { Source = source, First = first });
        await _host.StartAsync();
        string[] addresses = [.. _host.BoundAddresses];
        _client = new HttpClient { BaseAddress = new Uri(addresses[0]), Timeout = Eventually.Patience };
        _admin = new HttpClient { BaseAddress = new Uri(addresses[1]), Timeout = Eventually.Patience };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _admin.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [LinuxFact]
    public async Task AccessLogElsewhere_NoLineIsLostAndTheOldFileIsClosed()
    {
        const int Rounds = 4;
        const int RequestsEach = 200;
        for (int round = 0; round < Rounds; round++)
        {
            var asked = AskAsync(RequestsEach, first: round * RequestsEach);
            string path = Path.Combine(_folder.FullName, $"{round}.log");
            await PutAsync(Config($"accessLog: {{ to: \"file:{path}\" }}"));
            await asked;
        }
        await Eventually.HoldsAsync(() => Numbers().Count == Rounds * RequestsEach, "all lines");
        Assert.Equal(Enumerable.Range(0, Rounds * RequestsEach), Numbers().Order());
        Assert.True(File.ReadAllLines(Path.Combine(_folder.FullName, $"{Rounds - 1}.log")).Length > 0);
        await Eventually.HoldsAsync(() => OpenFiles() == 1, "the old files to be closed");
        Assert.Equal(Rounds * RequestsEach, await ReadAsync("dataplane_access_log_lines_total"));
        foreach (string reason in (string[])["ring_full", "disk_full"])
            Assert.Equal(0, await ReadAsync($"dataplane_access_log_dropped_lines_total{{reason=\"{reason}\"}}"));
    }

    [Fact]
    public async Task AnotherFormatInTheSameFile_NoLineIsLostOrWrittenOver()
    {
        const int Rounds = 10;
        const int RequestsEach = 100;
        for (int round = 0; round < Rounds; round++)
        {
            var asked = AskAsync(RequestsEach, first: round * RequestsEach);
            string format = $"{new string('x', round)} $context.path";
            await PutAsync(Config($"accessLog: {{ to: \"file:{Old}\", format: \"{format}\" }}"));
            await asked;
        }
        await Eventually.HoldsAsync(
            async () => await ReadAsync("dataplane_access_log_lines_total") == Rounds * RequestsEach, "all lines");
        Assert.Equal(
            Enumerable.Range(0, Rounds * RequestsEach),
            Lines(Old).Select(line => line.Split('"', ' ').First(part => part.StartsWith('/'))[1..])
                .Select(number => int.Parse(number, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task FormatSamplingAndRedaction_AreThoseOfTheLastConfiguration()
    {
        await AskAsync(1, first: 1);
        await PutAsync(Config(
            $"accessLog: {{ to: \"file:{Old}\", format: \"$context.path\", redact: {{ captures: [n] }} }}"));
        await AskAsync(1, first: 2);
        await PutAsync(Config($"accessLog: {{ to: \"file:{Old}\", format: \"$context.path\" }}"));
        await AskAsync(1, first: 3);
        await PutAsync(Config($"accessLog: {{ to: \"file:{Old}\", sample: 0 }}"));
        await AskAsync(1, first: 4);
        await PutAsync(Config("accessLog: { to: off }"));
        await AskAsync(1, first: 5);
        await PutAsync(Config($"accessLog: {{ to: \"file:{Old}\", format: \"$context.path\" }}"));
        await AskAsync(1, first: 6);
        await Eventually.HoldsAsync(() => Lines(Old).Length == 4, "four lines");
        string[] lines = Lines(Old);
        Assert.Contains("\"path\":\"/1\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(["/***", "/3", "/6"], lines[1..]);
        Assert.Equal(4, await ReadAsync("dataplane_access_log_lines_total"));
    }

    [Fact]
    public async Task AccessLogThatCannotBeOpened_IsRefusedWithItsPlaceAndTheOldOneGoesOn()
    {
        string path = Path.Combine(_folder.FullName, "no-such-folder", "a.log");
        using var answer = await SendAsync(Config($"accessLog: {{ to: \"file:{path}\" }}", route: "other"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        string problem = await answer.Content.ReadAsStringAsync();
        Assert.Contains("accessLog.to", problem, StringComparison.Ordinal);
        Assert.Contains("cannot be opened", problem, StringComparison.Ordinal);
        await AskAsync(1, first: 1);
        await Eventually.HoldsAsync(() => Lines(Old).Length == 1, "the line");
        Assert.Contains("\"route\":\"r\"", Lines(Old)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsRolledOut_LogsWhereItDidUntilItIsInForce()
    {
        string rollout = "\nrollout: { steps: [50%, 100%], interval: 1s }";
        await PutAsync(Config($"accessLog: {{ to: \"file:{New}\" }}{rollout}"));
        await AskAsync(8);
        await Eventually.HoldsAsync(() => Lines(Old).Length == 8, "eight lines in the old file");
        Assert.Empty(Lines(New));
        await Eventually.HoldsAsync(
            async () => (await _admin.GetStringAsync("/config/generations")).Contains(
                "\"generation\":2,", StringComparison.Ordinal)
                && await ReadAsync("dataplane_config_generation") == 2,
            "the end of the roll-out");
        await AskAsync(8);
        await Eventually.HoldsAsync(() => Lines(New).Length == 8, "eight lines in the new file");
        Assert.Equal(8, Lines(Old).Length);
    }

    [Fact]
    public async Task WhatIsReplacedWhileItIsRolledOut_IsClosedAgain()
    {
        await PutAsync(Config($"accessLog: {{ to: \"file:{New}\" }}\nrollout: {{ steps: [1%, 100%], interval: 1h }}"));
        await PutAsync(Config($"accessLog: {{ to: \"file:{Old}\" }}"));
        await AskAsync(1);
        await Eventually.HoldsAsync(() => Lines(Old).Length == 1, "the line");
        Assert.Empty(Lines(New));
        if (OperatingSystem.IsLinux()) await Eventually.HoldsAsync(() => OpenFiles() == 1, "the new file to be closed");
    }

    [Fact]
    public async Task SpansGoToTheReceiverOfTheLastConfiguration()
    {
        await using var first = await OtlpReceiver.StartAsync();
        await using var second = await OtlpReceiver.StartAsync();
        await PutAsync(Config(Tracing(first)));
        await AskAsync(3);
        await PutAsync(Config(Tracing(second)));
        await AskAsync(2);
        await PutAsync(Config("accessLog: { to: off }"));
        await AskAsync(1);
        await Eventually.HoldsAsync(() => first.Spans.Count == 3 && second.Spans.Count == 2, "five spans");
        await PutAsync(Config(Tracing(second)));
        Assert.Equal(5, await ReadAsync("dataplane_trace_spans_exported_total"));
    }

    [Fact]
    public async Task MetricsOfOtherProducts_ComeAndGo()
    {
        Assert.DoesNotContain("traefik_", await _admin.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await PutAsync(Config("metrics: { compatibility: [traefik] }\naccessLog: { to: off }"));
        await AskAsync(3);
        Assert.Contains("traefik_entrypoint_requests_total", await PageAsync(), StringComparison.Ordinal);
        Assert.Contains("traefik_config_reloads_total", await PageAsync(), StringComparison.Ordinal);
        await PutAsync(Config("accessLog: { to: off }"));
        Assert.DoesNotContain("traefik_", await PageAsync(), StringComparison.Ordinal);
        Assert.Contains("dataplane_http_requests_total{", await PageAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LowerSeriesLimit_FoldsWhatComes()
    {
        await PutAsync(Config("metrics: { seriesLimit: 100 }\naccessLog: { to: off }", routes: 60));
        for (int each = 0; each < 60; each++) await _client.GetStringAsync($"/r{each}/x");
        string page = await PageAsync();
        Assert.Contains(
            "dataplane_http_request_duration_seconds_count{route=\"_other\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherBuckets_NeedARestart()
    {
        using var answer = await SendAsync(Config("metrics: { buckets: [0.1, 1] }\naccessLog: { to: off }"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("metrics.buckets", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RaisedLimitOfHeads_HoldsForHttp2ConnectionsThatCome()
    {
        // 28 fields of 7,000 bytes: more than the two times 32 KiB that the server takes by itself.
        await Assert.ThrowsAsync<HttpRequestException>(AskByHttp2Async);
        await PutAsync(Config("limits: { requestHeadBytes: 1MiB }\naccessLog: { to: off }"));
        Assert.Equal("mocked", await AskByHttp2Async());
        // As much as may be asked for: the server has bounds of its own that depend on each other.
        await PutAsync(
            Config("limits: { requestHeadBytes: 1MiB }\naccessLog: { to: off }")
                .Replace("name: public", "name: another", StringComparison.Ordinal));
    }

    private async Task<string> AskByHttp2Async()
    {
        using var client = new HttpClient
        {
            BaseAddress = _client.BaseAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Eventually.Patience,
        };
        for (int each = 0; each < 28; each++) client.DefaultRequestHeaders.Add($"X-{each}", new string('x', 7_000));
        return await client.GetStringAsync("/a");
    }

    private static string Tracing(OtlpReceiver receiver) =>
        $"tracing: {{ sample: 1, exporter: {{ otlp: \"{receiver.Url}\" }} }}\naccessLog: {{ to: off }}";

    private static string Config(string more, string route = "r", int routes = 0)
    {
        var text = new StringBuilder(
            $$"""
            listeners: [ { name: public, address: "127.0.0.1:0" } ]
            admin: { address: "127.0.0.1:0" }
            transport: { loops: 1 }
            log: { level: error }
            {{more}}
            routes:
              - { id: {{route}}, match: { path: "/{n}" }, to: { mock: { body: mocked } } }

            """);
        for (int each = 0; each < routes; each++)
            text.Append($"  - {{ match: {{ path: \"/r{each}/x\" }}, to: {{ mock: {{ body: mocked }} }} }}\n");
        return text.ToString();
    }

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private async Task AskAsync(int requests, int first = 0)
    {
        for (int number = first; number < first + requests; number++)
            Assert.Equal("mocked", await _client.GetStringAsync($"/{number}"));
    }

    private List<int> Numbers() =>
    [
        .. Directory.GetFiles(_folder.FullName).SelectMany(Lines).Select(line => int.Parse(
            line.Split("\"path\":\"/")[1].Split('"')[0], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Descriptors of files in the folder.</summary>
    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(each =>
        new FileInfo(each).LinkTarget is { } target && target.StartsWith(_folder.FullName, StringComparison.Ordinal));

    private async Task PutAsync(string yaml)
    {
        using var answer = await SendAsync(yaml);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> SendAsync(string yaml)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/config") { Content = new StringContent(yaml) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        return await _admin.SendAsync(request);
    }

    private Task<string> PageAsync() => _admin.GetStringAsync("/metrics");

    private async Task<long> ReadAsync(string series)
    {
        string line = (await PageAsync()).Split('\n')
            .Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }
}

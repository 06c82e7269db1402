using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Messages;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Admin;

/// <summary>Who was refused and who changed what is in the log and in the metrics; what was sent is not.</summary>
public sealed class AdminJournalTests
{
    private const string Token = "operators-token-4711";
    private const string Guess = "guess-0815";

    [Fact]
    public async Task Changes_AreLoggedWithWhoAndWhatAndResult()
    {
        var control = new FakeConfigControl();
        string[] lines = await LogOfAsync(new AdminOptions { Token = Token }, control, async client =>
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            await PutAsync(client, "*", "secret: content");
            control.Errors = [new ConfigError("f", 1, 1, "p", "broken " + Guess, "mend")];
            await PutAsync(client, "*", "secret: content");
            control.Errors = null;
            await PutAsync(client, "\"9-z\"", "secret: content");
            await PutAsync(client, tag: null, "secret: content");
            await client.PostAsync("/drain", content: null);
        });
        Assert.Equal(
            [
                "PUT /config|taken|1-a|2-a",
                "PUT /config|refused, 1 errors|2-a|2-a",
                "PUT /config|refused, made for another version|2-a|2-a",
                "PUT /config|no If-Match|2-a|2-a",
                "POST /drain|draining||",
            ],
            lines.Select(Short));
        Assert.All(lines, line =>
        {
            var values = JsonDocument.Parse(line).RootElement.GetProperty("values");
            Assert.StartsWith("127.0.0.1:", values.GetProperty("Client").GetString(), StringComparison.Ordinal);
            Assert.Matches("^token [0-9a-f]{8}$", values.GetProperty("Caller").GetString());
        });
        Assert.DoesNotContain("content", string.Concat(lines), StringComparison.Ordinal);
        Assert.DoesNotContain(Token, string.Concat(lines), StringComparison.Ordinal);
        Assert.DoesNotContain(Guess, string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_AreNeverSuppressed()
    {
        string[] lines = await LogOfAsync(new AdminOptions(), control: null, async client =>
        {
            for (int each = 0; each < 50; each++) await client.PostAsync("/drain", content: null);
        });
        Assert.Equal(50, lines.Length);
    }

    [Fact]
    public async Task Reading_IsNotLogged()
    {
        string[] lines = await LogOfAsync(new AdminOptions(), control: null, async client =>
        {
            foreach (string path in (string[])["/config", "/routes", "/metrics", "/healthz", "/"])
                await client.GetAsync(path);
        });
        Assert.Empty(lines);
    }

    [Fact]
    public async Task WrongTokens_AreCountedLoggedAndLimited()
    {
        string metrics = "";
        string[] lines = await LogOfAsync(new AdminOptions { Token = Token }, control: null, async client =>
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", Guess);
            for (int each = 0; each < AdminLimits.WrongTokens; each++)
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/config")).StatusCode);
            client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            var refused = await client.GetAsync("/config");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            // Probes are nobody's guess.
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz")).StatusCode);
        }, journal => metrics = Page(journal));
        Assert.Contains("dataplane_admin_refused_requests_total{reason=\"token\"} 20\n", metrics);
        Assert.Contains("dataplane_admin_refused_requests_total{reason=\"attempts\"} 1\n", metrics);
        Assert.Contains("dataplane_admin_refused_requests_total{reason=\"origin\"} 0\n", metrics);
        // Whoever floods the listener does not flood the log.
        Assert.InRange(lines.Length, 1, 11);
        Assert.DoesNotContain(Guess, string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingToken_IsNoGuess() =>
        await LogOfAsync(new AdminOptions { Token = Token }, control: null, async client =>
        {
            for (int each = 0; each < 2 * AdminLimits.WrongTokens; each++)
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/config")).StatusCode);
            client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/config")).StatusCode);
        });

    [Fact]
    public async Task EveryAnswer_KeepsOtherSitesOut()
    {
        await using var server = await AdminServer.StartAsync(new FakeAdminSource(), new AdminOptions());
        foreach (string path in (string[])["/", "/config", "/routes", "/metrics", "/healthz", "/nothing"])
        {
            using var answer = await server.Client.GetAsync(path);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        }
    }

    /// <summary>What the gateway's log holds after <paramref name="use"/>, a JSON text a line.</summary>
    private static async Task<string[]> LogOfAsync(
        AdminOptions options, IConfigControl? control, Func<HttpClient, Task> use, Action<AdminJournal>? then = null)
    {
        using var stream = new MemoryStream();
        using (var log = new GatewayLog(
            new LogConfig { Format = LogConsoleFormat.Json }, TimeProvider.System, stream, AdminJournal.Changes))
        using (var loggers = LoggerFactory.Create(log.AddTo))
        {
            await using var server = await AdminServer.StartAsync(new FakeAdminSource(), options, control, loggers);
            await use(server.Client);
            then?.Invoke(server.Journal);
        }
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Short(string line)
    {
        var values = JsonDocument.Parse(line).RootElement.GetProperty("values");
        string Of(string name) => values.TryGetProperty(name, out var value) ? value.GetString()! : "";
        string change = Of("Change").Length > 0 ? Of("Change") : "PUT /config";
        return $"{change}|{Of("Result")}|{Of("Before")}|{Of("After")}";
    }

    private static string Page(AdminJournal journal)
    {
        var output = new ArrayBufferWriter<byte>();
        var text = new PrometheusText(output, PrometheusFormat.Text);
        journal.Write(text);
        text.Complete();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static async Task PutAsync(HttpClient client, string? tag, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/config") { Content = new StringContent(body) };
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var answer = await client.SendAsync(request);
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Lambda.Queue;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>The lines of a function's log, the platform's and those of its runtime's client, against AWS's.</summary>
public sealed class RecordedLogTests
{
    private const string Node = "export const handler = async (event) => { console.log(JSON.stringify(event)); };";

    private const string Python =
        """
        import json, logging
        logging.getLogger().setLevel(logging.INFO)
        class CustomException(Exception):
            pass
        def handler(event, context):
            what = event.get("do")
            if what == "lines":
                print("multi\nline\nstring")
                print("another\rline")
            elif what == "id":
                logging.getLogger().info("RequestId log message")
                return context.aws_request_id
            elif what == "custom":
                raise CustomException("some error occurred")
            elif what == "both":
                print("Lambda log message - print function")
                logging.getLogger().info("Lambda log message - logging module")
                raise Exception("Test exception (this is intentional)")
            else:
                print(json.dumps(event))
        """;

    private static readonly string[] s_files =
    [
        "lambda__test_lambda.snapshot.json", "lambda__test_lambda_destinations.snapshot.json",
        "lambda__test_lambda_runtimes.snapshot.json",
    ];

    [LinuxFact]
    public async Task Logs_AreWrittenAsRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = new FunctionFolder().Node(Node).Python(Python);
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        string Function(string name, string runtime, string handler) =>
            $"  {name}: {{ runtime: {runtime}, code: \"{folder.Path}\", handler: {handler}, log: off, timeout: 60s, "
            + "initTimeout: 60s }\n";
        await gateway.StartAsync(
            "functions:\n" + Function("node", "nodejs20.x", "index.handler")
            + Function("python", "python3.11", "app.handler") + Function("lines", "python3.11", "app.handler")
            + Function("id", "python3.11", "app.handler") + "routes: []\n");
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };

        const string WithLogs = "TestLambdaFeatures::test_invocation_with_logs";
        Assert.Equal(
            Recorded(recorded.Find(WithLogs + "[nodejs16.x]", "logs", "logs")), await TailAsync(client, "node", "{}"));
        Assert.Equal(
            Recorded(recorded.Find(WithLogs + "[python3.10]", "logs", "logs")),
            await TailAsync(client, "python", "{}"));
        Assert.Equal(
            Recorded(recorded.Find("TestRequestIdHandling::test_request_id_invoke", "log_entries", "logs")),
            await TailAsync(client, "id", """{"do":"id"}"""));
        // Their REPORT is left out of the recording.
        Assert.Equal(
            Recorded(recorded.Find("TestLambdaDLQ::test_dead_letter_queue", "log_result", "result")),
            (await TailAsync(client, "python", """{"do":"both"}"""))[..^1]);
        var events = Messages(recorded.Find("TestCloudwatchLogs::test_multi_line_prints", "log-events"));
        Assert.Equal(events, await TailAsync(client, "lines", """{"do":"lines"}"""));
        // The second attempt, so that no start is reported.
        var failed = Messages(recorded.Find("TestLambdaFeatures::test_invocation_type_event_error", "log_events"));
        Assert.Equal(
            failed.Skip(failed.Count / 2), await TailAsync(client, "python", """{"do":"custom"}"""));
    }

    [LinuxFact]
    public async Task IdOfAnInvocation_IsTheSameEverywhere()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        var theirs = recorded.Find("TestRequestIdHandling::test_request_id_invoke_url", "lambda_url_invocation");
        await using var folder = new FunctionFolder().Python("def handler(event, context): return \"hi\"");
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(folder.Yaml("python3.11", "app.handler", "log: off", "event: url"));
        var ours = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(((int)theirs["statuscode"]!, (string)theirs["content"]!), (ours.Status, ours.Text));
        string id = ours.Field("x-amzn-RequestId")!;
        Assert.True(Guid.TryParse(id, out _));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        Assert.Contains($"END RequestId: {id}\n", await client.GetStringAsync("/functions/f/logs"));
    }

    [LinuxFact]
    public async Task IdOfAnEvent_IsTheSameInAllItsAttempts()
    {
        const string Test = "TestRequestIdHandling::test_request_id_async_invoke_with_retry";
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        int attempts = recorded.Find(Test, "end_messages").AsArray().Count;
        await using var queue = new QueuePlace("");
        await using var folder = new FunctionFolder().Python("def handler(event, context): raise Exception(\"no\")");
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            folder.Yaml(
                "python3.11", "app.handler", "log: off, async: { retries: 1, retryDelay: 20ms, "
                    + $"onFailure: {{ file: \"{queue.File("failed")}\" }} }}")
            + $"\nqueue: {{ path: \"{queue.File("queue.db")}\" }}\n");
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/2015-03-31/functions/f/invocations");
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var response = await client.SendAsync(request);
        Assert.Equal((int)recorded.Find(Test, "invoke_result", "StatusCode"), (int)response.StatusCode);
        string[] ends = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                string log = await client.GetStringAsync("/functions/f/logs");
                ends = [.. log.Split('\n').Where(line => line.StartsWith("END ", StringComparison.Ordinal))];
                return ends.Length == attempts;
            },
            "the attempts");
        Assert.Single(ends.Distinct(StringComparer.Ordinal));
    }

    /// <summary>The lines of the recording; an invocation's log begins behind INIT_START.</summary>
    private static List<string> Messages(JsonNode events) =>
    [
        .. events.AsArray().Select(each => (string)each!["message"]!)
            .Where(text => !text.StartsWith("INIT_START", StringComparison.Ordinal))
            .SelectMany(text => text.TrimEnd('\n').Split('\n')).Select(Normal),
    ];

    private static List<string> Recorded(JsonNode lines) =>
        [.. lines.AsArray().Select(each => Normal((string)each!))];

    private static async Task<List<string>> TailAsync(HttpClient client, string function, string payload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload)),
        };
        request.Headers.Add("X-Amz-Log-Type", "Tail");
        using var response = await client.SendAsync(request);
        byte[] tail = Convert.FromBase64String(response.Headers.GetValues("X-Amz-Log-Result").Single());
        return [.. Encoding.UTF8.GetString(tail).TrimEnd('\n').Split('\n').Select(Normal)];
    }

    /// <summary>What differs from run to run or from machine to machine replaced.</summary>
    private static string Normal(string line)
    {
        string text = line.TrimEnd('\n', '\t');
        foreach (var (pattern, word) in new[]
        {
            ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|<request-id>|<uuid:\\d>", "ID"),
            ("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z|\\bdate\\b", "TIME"), ("(\\d+(\\.\\d+)?|<duration>) ms", "N ms"),
            ("Used: (\\d+|<memory>) MB", "Used: N MB"), ("File \"[^\"]+\", line \\d+", "File"),
        })
        {
            text = Regex.Replace(text, pattern, word, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        }
        return text;
    }
}

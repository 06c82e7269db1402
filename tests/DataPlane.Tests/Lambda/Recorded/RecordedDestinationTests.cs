using System.Text.Json.Nodes;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Lambda.Queue;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>What destinations and dead-letter queues got of AWS, against what they get here, in files.</summary>
public sealed class RecordedDestinationTests
{
    private const string Sqs = "TestLambdaDestinationSqs::";
    private const string Assess = Sqs + "test_assess_lambda_destination_invocation";
    private const string Age = Sqs + "test_maxeventage";

    private const string Python =
        """
        def handler(event, context):
            if event.get("raise_error"):
                raise Exception("Test exception (this is intentional)")
            if event.get("message"):
                raise Exception("intentional failure")
            if event.get("mode") == "failure":
                raise Exception("intentional failure!")
            if event.get("mode") == "success":
                return {"hello": "world", "test": "abc", "val": 5, "success": True}
            names = ("invoked_function_arn function_version function_name memory_limit_in_mb aws_request_id "
                     "log_group_name log_stream_name client_context").split()
            return {"event": event, "context": {name: getattr(context, name) for name in names}}
        """;

    private static readonly string[] s_files =
        ["lambda__test_lambda_destinations.snapshot.json", "lambda__test_lambda.snapshot.json"];

    /// <summary>The function of each case, and where its record is in the recording.</summary>
    private static readonly (string Function, string Test, string[] Path)[] s_cases =
    [
        ("once", Assess + "[payload0]", ["receive_message_result", "Messages", "0", "Body"]),
        ("once", Assess + "[payload1]", ["receive_message_result", "Messages", "0", "Body"]),
        ("thrice", Sqs + "test_retries", ["queue_destination_payload", "Messages", "0", "Body"]),
        ("thrice", Sqs + "test_lambda_destination_default_retries",
            ["receive_message_result", "Messages", "0", "Body"]),
        ("old", Age, ["no_retry_failure_message", "Body"]),
        ("older", Age, ["single_retry_failure_message", "Body"]),
        ("never", "TestLambdaConcurrency::test_reserved_concurrency", ["msg", "Body"]),
        ("once", "TestLambdaDestinationEventbridge::test_invoke_lambda_eventbridge",
            ["lambda_destination_event_bus_success", "detail"]),
        ("once", "TestLambdaDestinationEventbridge::test_invoke_lambda_eventbridge",
            ["lambda_destination_event_bus_failure", "detail"]),
    ];

    [LinuxFact]
    public async Task Records_AreThoseRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = new FunctionFolder().Python(Python);
        await using var place = new QueuePlace("");
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path, place));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        var expected = new List<string>();
        foreach (var (function, test, path) in s_cases)
        {
            var theirs = recorded.Find(test, path);
            expected.Add(Normal(theirs));
            await SendAsync(client, function, theirs["requestPayload"]!.ToJsonString());
        }
        await Eventually.HoldsAsync(
            () => place.Lines("records").Count == s_cases.Length, "a record of each");
        var seen = place.Lines("records").Select(line => Normal(JsonNode.Parse(line.GetRawText())!));
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [LinuxFact]
    public async Task DeadLetter_IsThatRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        var theirs = recorded.Find("TestLambdaDLQ::test_dead_letter_queue", "receive_result", "Messages", "0");
        await using var folder = new FunctionFolder().Python(Python);
        await using var place = new QueuePlace("");
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path, place));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        await SendAsync(client, "letters", theirs["Body"]!.ToJsonString());
        var ours = await place.LineAsync("letters");
        Assert.True(JsonNode.DeepEquals(theirs["Body"], JsonNode.Parse(ours.GetProperty("Body").GetRawText())));
        foreach (string name in new[] { "ErrorCode", "ErrorMessage" })
        {
            string? value = (string?)theirs["MessageAttributes"]![name]!["StringValue"];
            Assert.Equal(value, ours.GetProperty(name).ToString());
        }
        Assert.True(Guid.TryParse(ours.GetProperty("RequestID").GetString(), out _));
    }

    private static string Yaml(string code, QueuePlace place)
    {
        string to = $"{{ file: \"{place.File("records")}\" }}";
        string Function(string name, string rules, string more = "") =>
            $"  {name}: {{ runtime: python3.11, code: \"{code}\", handler: app.handler, log: off, watch: false, "
            + $"timeout: 60s, initTimeout: 60s{more}, async: {{ {rules} }} }}\n";
        string both = $"onSuccess: {to}, onFailure: {to}";
        return "functions:\n" + Function("once", "retries: 0, " + both)
            + Function("thrice", "retryDelay: 20ms, " + both)
            + Function("old", "maximumAge: 60s, retryDelay: 60s, " + both)
            // The second attempt comes within its age, a third would not.
            + Function("older", "maximumAge: 10s, retryDelay: 4s, " + both)
            + Function("never", both, ", concurrency: { reserved: 0 }")
            + Function("letters", $"retries: 0, deadLetter: {{ file: \"{place.File("letters")}\" }}")
            + $"queue: {{ path: \"{place.File("queue.db")}\" }}\nroutes: []\n";
    }

    private static async Task SendAsync(HttpClient client, string function, string payload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations")
        {
            Content = new StringContent(payload),
        };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var response = await client.SendAsync(request);
        Assert.Equal(202, (int)response.StatusCode);
    }

    /// <summary>Ids, times, names and places left out; keys in order.</summary>
    private static string Normal(JsonNode record)
    {
        var copy = record.DeepClone().AsObject();
        copy["timestamp"] = "";
        foreach (string name in new[] { "requestId", "functionArn" }) copy["requestContext"]![name] = "";
        if (copy["responsePayload"] is JsonObject answer)
        {
            foreach (string name in new[] { "requestId", "stackTrace" })
            {
                if (answer.ContainsKey(name)) answer[name] = "";
            }
            if (answer["context"] is JsonObject context)
                answer["context"] = string.Join(',', context.Select(each => each.Key).Order(StringComparer.Ordinal));
        }
        return Sorted(copy)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject pairs
        ? new JsonObject(pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value))))
        : node?.DeepClone();
}

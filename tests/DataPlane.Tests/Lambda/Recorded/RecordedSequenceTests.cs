using System.Text;
using System.Text.Json.Nodes;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>Recordings of several invocations in a row, or whose answer depends on who calls.</summary>
public sealed class RecordedSequenceTests
{
    private const string Node =
        """
        let counter = -1;
        export const count = async () => ({ counter: ++counter });
        export const env = async () => ({ Hello: process.env.Hello });
        export const context = async (event, context) => ({ context });
        export const es6 = async (event) => ({ statusCode: 200,
          body: JSON.stringify('response from localstack lambda: ' + JSON.stringify(event)) });
        export const stream = awslambda.streamifyResponse(async (event, out) => {
          awslambda.HttpResponseStream.from(out, { statusCode: 200 });
          out.write('Hello, ');
          out.end('world!');
        });
        """;

    private const string Python =
        """
        import os, time
        counter = -1
        number = 0
        def count(event, context):
            global counter
            counter += 1
            return {"counter": counter}
        def reuse(event, context):
            global number
            if event.get("write"):
                with open(os.environ["FILE"], "w") as file: file.write(event["write"])
            elif event.get("read"):
                with open(os.environ["FILE"]) as file: return {"content": file.read()}
            elif event.get("set"):
                number = event["set"]
            elif event.get("number"):
                return {"number": number}
            elif event.get("sleep"):
                time.sleep(event["sleep"])
        def context(event, context):
            names = ("invoked_function_arn function_version function_name memory_limit_in_mb aws_request_id "
                     "log_group_name log_stream_name client_context").split()
            return {"event": event, "context": {name: getattr(context, name) for name in names}}
        """;

    private static readonly string[] s_files =
        ["lambda__test_lambda.snapshot.json", "lambda__test_lambda_runtimes.snapshot.json"];

    [LinuxFact]
    public async Task AnswersInARow_AreThoseRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = new FunctionFolder().Node(Node).Python(Python);
        await using var kept = new FunctionFolder();
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path, kept.Path));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };

        foreach (string language in new[] { "nodejs", "python" })
        {
            string test = $"TestLambdaBehavior::test_lambda_cache_local[{language}]";
            foreach (string answer in new[] { "first_invoke_result", "second_invoke_result" })
                await CheckAsync(client, recorded.Find(test, answer, "Payload"), $"{language}Count", "{}");
        }
        const string Reuse = "TestLambdaBehavior::test_lambda_invoke_timed_out_environment_reuse";
        Task Reused(string answer, string payload) =>
            CheckAsync(client, recorded.Find(Reuse, $"invoke-result-{answer}", "Payload"), "reuse", payload);
        await Reused("file-write", """{"write":"some-content"}""");
        await Reused("file-read", """{"read":1}""");
        await Reused("set-number", """{"set":42}""");
        await Reused("read-number", """{"number":1}""");
        string late = await AskAsync(client, "reuse", """{"sleep":30}""");
        Assert.Contains("Sandbox.Timedout", late, StringComparison.Ordinal);
        await Reused("read-number-after-timeout", """{"number":1}""");
        await Reused("file-read", """{"read":1}""");

        await CheckAsync(
            client, recorded.Find("TestLambdaFeatures::test_lambda_environment", "invocation-result", "Payload"),
            "env", "{}");
        await CheckAsync(
            client,
            recorded.Find(
                "TestNodeJSRuntimes::test_invoke_nodejs_es6_lambda[nodejs20.x]", "invocation-result", "Payload"),
            "es6", """{"event_type":"test_lambda"}""");
    }

    [LinuxFact]
    public async Task Contexts_AreThoseRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = new FunctionFolder().Node(Node).Python(Python);
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path, folder.Path));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        var theirs = recorded.Find("TestLambdaFeatures::test_lambda_with_context", "invocation", "Payload", "context");
        var said = theirs["clientContext"]!;
        var ours = JsonNode.Parse(await AskAsync(client, "context", "{}", said.ToJsonString()))!["context"]!;
        Assert.Equal(Normal(theirs), Normal(ours));
        theirs = recorded.Find("TestLambdaFeatures::test_upload_lambda_from_s3", "invocation-response", "Payload");
        ours = JsonNode.Parse(await AskAsync(client, "pythonContext", theirs["event"]!.ToJsonString()))!;
        Assert.True(JsonNode.DeepEquals(theirs["event"], ours["event"]));
        Assert.Equal(Normal(theirs["context"]!), Normal(ours["context"]!));
    }

    [LinuxFact]
    public async Task FunctionUrl_StreamsAsRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        const string Test = "TestLambdaURL::test_function_url_with_response_streaming";
        await using var folder = new FunctionFolder().Node(Node);
        await using var gateway = await TestGateway.StartAsync(
            Wire.Epoll, folder.Yaml("nodejs20.x", "index.stream", "log: off", "event: url"));
        var ours = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((int)recorded.Find(Test, "response_status"), ours.Status);
        Assert.Equal((string?)recorded.Find(Test, "response_data"), ours.Text);
    }

    private static string Yaml(string code, string kept)
    {
        string Function(string name, string runtime, string handler, string more = "timeout: 60s") =>
            $"  {name}: {{ runtime: {runtime}, code: \"{code}\", handler: {handler}, log: off, watch: false, "
            + $"initTimeout: 60s, {more} }}\n";
        return "functions:\n" + Function("nodejsCount", "nodejs20.x", "index.count")
            + Function("pythonCount", "python3.11", "app.count")
            + Function("reuse", "python3.11", "app.reuse",
                $"timeout: 1s, environment: {{ FILE: \"{kept}/kept\" }}")
            + Function("env", "nodejs20.x", "index.env", "environment: { Hello: World }")
            + Function("es6", "nodejs20.x", "index.es6") + Function("context", "nodejs20.x", "index.context")
            + Function("pythonContext", "python3.11", "app.context") + "routes: []\n";
    }

    private static async Task CheckAsync(HttpClient client, JsonNode theirs, string function, string payload)
    {
        string ours = await AskAsync(client, function, payload);
        if (theirs is JsonValue text) Assert.Equal((string?)text, ours);
        else Assert.True(JsonNode.DeepEquals(theirs, JsonNode.Parse(ours)), $"{ours} instead of {theirs}");
    }

    private static async Task<string> AskAsync(
        HttpClient client, string function, string payload, string? clientContext = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations")
        {
            Content = new StringContent(payload),
        };
        if (clientContext is not null)
        {
            request.Headers.Add(
                "X-Amz-Client-Context", Convert.ToBase64String(Encoding.UTF8.GetBytes(clientContext)));
        }
        using var response = await client.SendAsync(request);
        Assert.Equal("$LATEST", response.Headers.GetValues("X-Amz-Executed-Version").Single());
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Names of functions and ids told apart by what they are.</summary>
    private static string Normal(JsonNode context)
    {
        var lines = new List<string>();
        foreach (var (name, value) in context.AsObject())
        {
            bool isOurs = name.Contains("unction", StringComparison.Ordinal) && !name.EndsWith("ersion")
                || name.Contains("log", StringComparison.OrdinalIgnoreCase)
                || name.Contains("equest", StringComparison.Ordinal);
            string text = value?.ToJsonString() ?? "null";
            if (isOurs && text.Length > 2)
                text = text.StartsWith("\"arn:", StringComparison.Ordinal) ? "arn" : "some";
            lines.Add($"{name}: {text}");
        }
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }
}

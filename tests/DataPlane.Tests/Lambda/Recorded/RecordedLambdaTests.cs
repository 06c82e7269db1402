using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>What AWS answered, against what the Invoke API and function URLs answer here.</summary>
public sealed class RecordedLambdaTests
{
    private const string Node =
        """
        export const handler = async (event) => {
          if (event.do === 'throw') throw new Error('Error: some_error_msg');
          if (event.do === 'wait') await new Promise((r) => setTimeout(r, 5000));
          if (event.do === 'large') return 'x'.repeat(6291560);
          if (event.do === 'nothing') return;
          return event;
        };
        export const url = async (event) => JSON.parse(event.queryStringParameters.value);
        """;

    private const string Python =
        """
        import sys
        def handler(event, context):
            do = event.get("do")
            if do == "fail":
                raise Exception("Handler fails")
            if do == "throw":
                raise Exception("Failed: some_error_msg")
            if do == "exit":
                sys.exit(0)
            return None if do == "nothing" else event
        """;

    private static readonly string[] s_files =
        ["lambda__test_lambda.snapshot.json", "lambda__test_lambda_common.snapshot.json"];

    private static readonly JsonSerializerOptions s_plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [LinuxFact]
    public async Task Invocations_AreAnsweredAsRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = CodeFolder();
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        var failures = new List<string>();
        foreach (var each in RecordedCases.All)
        {
            // Of one name the newest recording counts.
            var theirs = recorded.Last(pair => pair.Test == each.Test).Content.GetProperty(each.Answer);
            string ours = Normal(await AskAsync(client, each));
            string expected = Normal(JsonNode.Parse(theirs.GetRawText())!.AsObject());
            if (ours != expected) failures.Add($"{each.Test} {each.Answer}:\n{ours}\n--- instead of\n{expected}");
        }
        gateway.TakeLogged();
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [LinuxFact]
    public async Task FunctionUrls_AnswerAsRecorded()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        await using var folder = CodeFolder();
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(Yaml(folder.Path));
        foreach (var (name, value) in RecordedCases.Urls)
        {
            var theirs = recorded.Last(pair => pair.Test == $"TestLambdaURL::test_lambda_url_invocation[{name}]")
                .Content.GetProperty("lambda_url_invocation");
            var ours = await gateway.AskAsync(
                $"GET /url?value={Uri.EscapeDataString(value)} HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(theirs.GetProperty("statuscode").GetInt32(), ours.Status);
            var headers = theirs.GetProperty("headers");
            Assert.Equal(headers.GetProperty("Content-Type").GetString(), ours.Field("Content-Type"));
            Assert.Equal(headers.GetProperty("Content-Length").GetString(), ours.Field("Content-Length"));
            var content = theirs.GetProperty("content");
            if (content.ValueKind == JsonValueKind.String) Assert.Equal(content.GetString(), ours.Text);
            else Assert.True(JsonNode.DeepEquals(JsonNode.Parse(content.GetRawText()), JsonNode.Parse(ours.Text)));
        }
    }

    private static FunctionFolder CodeFolder() => new FunctionFolder().Node(Node).Python(Python)
        .File("exiting.py", "import sys\nsys.exit(0)\n")
        .File("raising.py", "raise Exception(\"Runtime startup fails\")\n")
        .Bootstrap("#!/bin/bash\nexit 127\n");

    private static string Yaml(string code)
    {
        string Function(string name, string runtime, string handler, string more = "") =>
            $"  {name}: {{ runtime: {runtime}, code: \"{code}\", handler: {handler}, log: off, timeout: 1s, "
            + $"initTimeout: 30s{more} }}\n";
        return "functions:\n"
            + Function("node", "nodejs20.x", "index.handler") + Function("url", "nodejs20.x", "index.url")
            + Function("python", "python3.11", "app.handler") + Function("exiting", "python3.11", "exiting.handler")
            + Function("raising", "python3.11", "raising.handler") + Function("wrapped", "provided.al2023", "x.y")
            + Function("none", "nodejs20.x", "index.handler", ", concurrency: { reserved: 0 }")
            + "routes: [ { id: url, match: { path: /url }, to: { function: url, event: url } } ]\n";
    }

    /// <summary>An answer in the shape that boto3 gives it.</summary>
    private static async Task<JsonObject> AskAsync(HttpClient client, RecordedCase each)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/2015-03-31/functions/{each.Function}/invocations")
        {
            Content = new ByteArrayContent(Encoding.Latin1.GetBytes(each.Payload)),
        };
        request.Headers.Add("X-Amz-Invocation-Type", each.Type);
        using var response = await client.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        var answer = new JsonObject { ["ResponseMetadata"] = new JsonObject() };
        if ((int)response.StatusCode >= 400)
        {
            var error = JsonNode.Parse(body)!.AsObject();
            foreach (var (key, value) in error) answer[key] = value?.DeepClone();
            answer["Error"] = new JsonObject
            {
                ["Code"] = response.Headers.GetValues("x-amzn-ErrorType").Single(),
                ["Message"] = (error["Message"] ?? error["message"])?.DeepClone(),
            };
            return answer;
        }
        if (response.Headers.TryGetValues("X-Amz-Executed-Version", out var version))
            answer["ExecutedVersion"] = version.Single();
        if (response.Headers.TryGetValues("X-Amz-Function-Error", out var failure))
            answer["FunctionError"] = failure.Single();
        answer["StatusCode"] = (int)response.StatusCode;
        answer["Payload"] = body.StartsWith('{') ? JsonNode.Parse(body) : body;
        return answer;
    }

    /// <summary>Keys in order, and what differs from run to run or from machine to machine left out.</summary>
    private static string Normal(JsonObject answer)
    {
        answer.Remove("ResponseMetadata");
        if (answer["Payload"] is JsonObject payload)
        {
            foreach (string key in new[] { "stackTrace", "trace" })
            {
                if (payload.ContainsKey(key)) payload[key] = "<trace>";
            }
            if (payload.ContainsKey("requestId") && (string?)payload["requestId"] != "") payload["requestId"] = "<id>";
        }
        string text = JsonSerializer.Serialize(Sorted(answer), s_plain);
        text = Regex.Replace(
            text, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|<(uuid|timeout_error_msg)(:\\d)?>", "<id>",
            RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return Regex.Replace(text, "arn:(aws|<partition>):lambda:(us-east-1|<region>):[0-9]{12}", "arn",
            RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject pairs
        ? new JsonObject(pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value))))
        : node?.DeepClone();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>The variables and the context that functions see, against those that AWS's runtimes gave them.</summary>
public sealed class RecordedEnvironmentTests
{
    private const string Node =
        """
        export const handler = async (event, context) => ({ environment: process.env, ctx: {
          aws_request_id: context.awsRequestId, function_name: context.functionName,
          function_version: context.functionVersion, invoked_function_arn: context.invokedFunctionArn,
          log_group_name: context.logGroupName, log_stream_name: context.logStreamName,
          remaining_time_in_millis: context.getRemainingTimeInMillis() } });
        """;

    private const string Python =
        """
        import os
        def handler(event, context):
            return {"environment": dict(os.environ), "ctx": {
                "aws_request_id": context.aws_request_id, "function_name": context.function_name,
                "function_version": context.function_version, "invoked_function_arn": context.invoked_function_arn,
                "log_group_name": context.log_group_name, "log_stream_name": context.log_stream_name,
                "memory_limit_in_mb": context.memory_limit_in_mb,
                "remaining_time_in_millis": context.get_remaining_time_in_millis()}}
        """;

    private const string Bootstrap =
        """
        #!/usr/bin/env python3
        import http.client, json, os
        seen = dict(os.environ)
        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        while True:
            api.request("GET", "/2018-06-01/runtime/invocation/next")
            answer = api.getresponse()
            answer.read()
            seen["_X_AMZN_TRACE_ID"] = answer.getheader("Lambda-Runtime-Trace-Id")
            id = answer.getheader("Lambda-Runtime-Aws-Request-Id")
            body = json.dumps({"environment": seen})
            api.request("POST", f"/2018-06-01/runtime/invocation/{id}/response", body)
            api.getresponse().read()
        """;

    /// <summary>What AWS sets and the gateway does not.</summary>
    private static readonly string[] s_left =
    [
        // How AWS's own client writes the log, and what it needs on AWS's image.
        "_LAMBDA_TELEMETRY_LOG_FD", "SSL_CERT_FILE",
    ];

    /// <summary>Not there, but here: Python sets it by itself, where the locale is not installed.</summary>
    private static readonly string[] s_more = ["LC_CTYPE"];

    /// <summary>Their values are those of the machine, the folder or the moment.</summary>
    private static readonly string[] s_ofTheMachine =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LD_LIBRARY_PATH", "NODE_PATH", "PATH", "PWD", "PYTHONPATH",
        "DOTNET_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID", "LC_CTYPE",
    ];

    [LinuxTheory]
    [InlineData("nodejs20.x", "index.handler")]
    [InlineData("python3.11", "app.handler")]
    [InlineData("provided.al2023", "x.y")]
    [InlineData("dotnet10", "DataPlane.Tests::DataPlane.Tests.Lambda.Dotnet.SampleHandlers::Introspect")]
    public async Task Function_SeesWhatAwsShowsIt(string runtime, string handler)
    {
        if (!Snapshots.TryRead(["lambda__test_lambda_common.snapshot.json"], out var recorded)) return;
        string test = $"TestLambdaRuntimesCommon::test_introspection_invoke[{runtime}]";
        await using var folder = new FunctionFolder().Node(Node).Python(Python).Bootstrap(Bootstrap);
        bool isDotnet = runtime.StartsWith("dotnet", StringComparison.Ordinal);
        string code = isDotnet ? AppContext.BaseDirectory : folder.Path;
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            functions:
              f: { runtime: {{runtime}}, code: "{{code}}", handler: "{{handler}}", memory: 1GiB, timeout: 60s,
                   initTimeout: 60s, watch: false, readOnlyCode: false, log: off, environment: { TEST_KEY: TEST_VAL } }
            routes: []
            """);
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        Check(recorded.Find(test, "invocation_result_payload"), await AskAsync(client, ""), "function:f");
        Check(
            recorded.Find(test, "invocation_result_payload_qualified"), await AskAsync(client, "?Qualifier=$LATEST"),
            "function:f:$LATEST");
    }

    private static async Task<JsonNode> AskAsync(HttpClient client, string query)
    {
        using var response = await client.PostAsync(
            "/2015-03-31/functions/f/invocations" + query, new StringContent("{}"));
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static void Check(JsonNode theirs, JsonNode ours, string arn)
    {
        var expected = theirs["environment"]!.AsObject().Where(each => !s_left.Contains(each.Key)).ToDictionary();
        var seen = ours["environment"]!.AsObject()
            .Where(each => expected.ContainsKey(each.Key) || !s_more.Contains(each.Key)).ToDictionary();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in expected)
        {
            if (!s_ofTheMachine.Contains(name)) Assert.Equal((name, (string?)value), (name, (string?)seen[name]));
        }
        // A bootstrap of one's own makes its context of these by itself.
        if (ours["ctx"] is not JsonObject context) return;
        var known = theirs["ctx"]!.AsObject();
        Assert.Equal(
            known.Select(each => each.Key).Order(StringComparer.Ordinal),
            context.Select(each => each.Key).Order(StringComparer.Ordinal));
        Assert.Equal("f", (string?)context["function_name"]);
        Assert.Equal((string?)known["function_version"], (string?)context["function_version"]);
        Assert.EndsWith(arn, (string?)context["invoked_function_arn"], StringComparison.Ordinal);
        Assert.Equal("/aws/lambda/f", (string?)context["log_group_name"]);
        Assert.Equal((string?)seen["AWS_LAMBDA_LOG_STREAM_NAME"], (string?)context["log_stream_name"]);
        if (known["memory_limit_in_mb"] is JsonNode memory)
            Assert.True(JsonNode.DeepEquals(memory, context["memory_limit_in_mb"]));
        Assert.True(Guid.TryParse((string?)context["aws_request_id"], out _));
        Assert.Equal(JsonValueKind.Number, context["remaining_time_in_millis"]!.GetValueKind());
    }
}

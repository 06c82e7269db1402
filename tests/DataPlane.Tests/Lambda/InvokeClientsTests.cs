using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>AWS's clients on the listener that takes signed requests only.</summary>
public sealed class InvokeClientsTests(NodeClient node) : IClassFixture<NodeClient>
{
    private const string Code =
        """
        export const handler = async (event) => {
          if (event.do === 'throw') throw new Error('some_error_msg');
          console.log('seen', JSON.stringify(event));
          return event;
        };
        export const streamed = awslambda.streamifyResponse(async (event, out) => {
          out.setContentType('text/plain');
          for (let i = 0; i < 3; i++) { out.write(`${i},`); await new Promise((r) => setTimeout(r, 10)); }
          out.end('end');
        });
        """;

    private const string Streaming =
        """
        import json, sys, boto3, botocore
        from botocore.config import Config
        def client(key, secret, **more):
            return boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-west-2", aws_access_key_id=key,
                                aws_secret_access_key=secret, config=Config(retries={"max_attempts": 0}), **more)
        def stream(name, payload=b"{}"):
            answer = client("AKIDLOCAL", "local/secret").invoke_with_response_stream(
                FunctionName=name, Payload=payload, LogType="Tail")
            body, complete = b"", None
            for event in answer["EventStream"]:
                if "PayloadChunk" in event:
                    body += event["PayloadChunk"]["Payload"]
                else:
                    complete = event["InvokeComplete"]
            return {"status": answer["StatusCode"], "body": body.decode(), "complete": complete}
        def refused(key, secret, **more):
            try:
                client(key, secret, **more).invoke(FunctionName="f")
            except botocore.exceptions.ClientError as error:
                return [error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]]
        print(json.dumps({
            "stream": stream("s"), "failed": stream("f", b'{"do":"throw"}'),
            "secret": refused("AKIDLOCAL", "other"), "key": refused("AKIDOTHER", "local/secret"),
        }))
        """;

    [LinuxFact]
    public async Task JavaScriptSdk_CallsAndStreams()
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await StartAsync(folder);
        var (status, said) = await node.RunAsync(gateway.AdminAddress.ToString(), "AKIDLOCAL", "local/secret");
        Assert.True(status == 0, said);
        var all = Json(said);
        Assert.Equal(
            """{"status":200,"error":null,"version":"$LATEST","payload":"{\u0022a\u0022:1}","log":null}""",
            JsonSerializer.Serialize(all.GetProperty("plain")));
        Assert.Equal("""{"a":2}""", all.GetProperty("arn").GetProperty("payload").GetString());
        Assert.Contains("seen {\"a\":3}", all.GetProperty("qualified").GetProperty("log").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(204, all.GetProperty("dry").GetProperty("status").GetInt32());
        Assert.Equal("Unhandled", all.GetProperty("thrown").GetProperty("error").GetString());
        Assert.Equal((404, "ResourceNotFoundException"), Error(all, "missing"));
        Assert.Equal((400, "InvalidRequestContentException"), Error(all, "bad"));
        Assert.Equal((429, "TooManyRequestsException"), Error(all, "refused"));
        Assert.Equal("ReservedFunctionConcurrentInvocationLimitExceeded",
            all.GetProperty("refused").GetProperty("reason").GetString());
        Assert.Equal("0,1,2,end", all.GetProperty("stream").GetProperty("body").GetString());
        Assert.True(all.GetProperty("stream").GetProperty("complete").TryGetProperty("LogResult", out _));
        Assert.Equal("""{"a":4}""", all.GetProperty("buffered").GetProperty("body").GetString());
        Assert.Equal("", all.GetProperty("failed").GetProperty("body").GetString());
        Assert.Equal("Unhandled",
            all.GetProperty("failed").GetProperty("complete").GetProperty("ErrorCode").GetString());
    }

    [LinuxFact]
    public async Task Boto3_StreamsAndIsRefusedWithOtherKeys()
    {
        await using var folder = new FunctionFolder().Node(Code).File("client.py", Streaming);
        await using var gateway = await StartAsync(folder);
        string? python = await RealTool.PythonWithAsync("boto3");
        Assert.True(python is not null, "boto3 is missing: apt-get install python3-boto3 (tests/run does it).");
        var (status, said) = await RealTool.RunAsync(
            python, "python3", Path.Combine(folder.Path, "client.py"), gateway.AdminAddress.ToString());
        Assert.True(status == 0, said);
        var all = Json(said);
        Assert.Equal("0,1,2,end", all.GetProperty("stream").GetProperty("body").GetString());
        Assert.False(all.GetProperty("stream").GetProperty("complete").TryGetProperty("ErrorCode", out _));
        Assert.Contains("some_error_msg",
            all.GetProperty("failed").GetProperty("complete").GetProperty("ErrorDetails").GetString(),
            StringComparison.Ordinal);
        Assert.Equal("""[403, "InvalidSignatureException"]""", all.GetProperty("secret").GetRawText());
        Assert.Equal("""[403, "UnrecognizedClientException"]""", all.GetProperty("key").GetRawText());
    }

    [LinuxFact]
    public async Task CommandLine_InvokesByItsSignature()
    {
        // Version 2 takes payloads as base64 unless told otherwise, version 1 knows nothing of that.
        await using var folder = new FunctionFolder().Node(Code).File(
            "config", "[default]\ncli_binary_format = raw-in-base64-out\n");
        await using var gateway = await StartAsync(folder);
        string output = Path.Combine(folder.Path, "answer.json");
        var (status, said) = await RealTool.RunAsync(
            "env", "awscli", "AWS_ACCESS_KEY_ID=AKIDLOCAL", "AWS_SECRET_ACCESS_KEY=local/secret",
            "AWS_DEFAULT_REGION=eu-west-1", $"AWS_CONFIG_FILE={Path.Combine(folder.Path, "config")}", "aws", "lambda",
            "invoke",
            "--endpoint-url", gateway.AdminAddress.ToString(), "--function-name", "f", "--payload", """{"a":1}""",
            "--log-type", "Tail", output);
        Assert.False(status == 127, "aws is missing: apt-get install awscli (tests/run does it).");
        Assert.True(status == 0, said);
        Assert.Equal("""{"a":1}""", await File.ReadAllTextAsync(output));
        Assert.Contains("\"ExecutedVersion\": \"$LATEST\"", said, StringComparison.Ordinal);
        Assert.Contains("LogResult", said, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task UnsignedOrOtherRequests_AreRefused()
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await StartAsync(folder);
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var body = new StringContent("{}");
        var unsigned = await client.PostAsync("/2015-03-31/functions/f/invocations", body);
        Assert.Equal(403, (int)unsigned.StatusCode);
        Assert.Equal("MissingAuthenticationTokenException", unsigned.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.Equal("""{"message":"Missing Authentication Token"}""", await unsigned.Content.ReadAsStringAsync());
        foreach (string path in new[] { "/config", "/healthz", "/functions", "/2015-03-31/functions" })
            Assert.Equal(404, (int)(await client.GetAsync(path)).StatusCode);
    }

    private static async Task<HostedGateway> StartAsync(FunctionFolder folder)
    {
        var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            invokeApi: { address: "127.0.0.1:0", accessKeys: [ { id: AKIDLOCAL, secret: local/secret } ] }
            functions:
              f: { runtime: nodejs20.x, code: "{{folder.Path}}", handler: index.handler, log: off, initTimeout: 60s }
              s: { runtime: nodejs20.x, code: "{{folder.Path}}", handler: index.streamed, log: off, initTimeout: 60s }
              none:
                { runtime: nodejs20.x, code: "{{folder.Path}}", handler: index.handler, concurrency: { reserved: 0 } }
            """);
        return gateway;
    }

    private static (int, string?) Error(JsonElement all, string name) =>
        (all.GetProperty(name).GetProperty("status").GetInt32(), all.GetProperty(name).GetProperty("name").GetString());

    private static JsonElement Json(string said)
    {
        using var json = JsonDocument.Parse(said.Split('\n').Single(line => line.StartsWith('{')));
        return json.RootElement.Clone();
    }
}

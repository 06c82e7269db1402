using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>The Invoke API of the admin listener, called by AWS's own client, against what AWS answered.</summary>
public sealed class InvokeApiTests
{
    private const string Code =
        """
        export const handler = async (event, context) => {
          if (event.do === 'throw') throw new Error('Error: some_error_msg');
          if (event.do === 'wait') await new Promise((r) => setTimeout(r, 2000));
          if (event.do === 'context') return context;
          console.log(JSON.stringify(event));
          return event;
        };
        """;

    private const string Script =
        """
        import base64, json, sys, boto3
        from botocore.config import Config
        client = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="a",
                              aws_secret_access_key="b", config=Config(retries={"max_attempts": 0}))
        def call(name="f", payload=b"{}", **more):
            try:
                answer = client.invoke(FunctionName=name, Payload=payload, **more)
            except client.exceptions.ClientError as error:
                return {"status": error.response["ResponseMetadata"]["HTTPStatusCode"], **{
                    key: value for key, value in error.response.items() if key != "ResponseMetadata"}}
            log = answer.get("LogResult")
            return {"status": answer["StatusCode"], "version": answer.get("ExecutedVersion"),
                    "error": answer.get("FunctionError"), "payload": answer["Payload"].read().decode(),
                    "log": base64.b64decode(log).decode() if log else None}
        context = base64.b64encode(json.dumps({"custom": {"foo": "bar"}}).encode()).decode()
        print(json.dumps({
            "plain": call(payload=b'{"a":1}'),
            "empty": call(payload=b""),
            "arn": call(name="arn:aws:lambda:us-east-1:000000000000:function:f"),
            "latest": call(Qualifier="$LATEST"),
            "tail": call(payload=b'{"b":2}', LogType="Tail"),
            "dry": call(InvocationType="DryRun"),
            "event": call(InvocationType="Event"),
            "thrown": call(payload=b'{"do":"throw"}'),
            "late": call(payload=b'{"do":"wait"}'),
            "context": call(payload=b'{"do":"context"}', ClientContext=context),
            "missing": call(name="doesnotexist"),
            "version": call(Qualifier="7"),
            "badWord": call(payload=b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"),
            "badStart": call(payload=b"\x99\xeb,j\x07\xa1zYh"),
            "large": call(payload=b'"' + b"x" * 6300000 + b'"'),
            "refused": call(name="none"),
        }))
        """;

    [LinuxFact]
    public async Task Boto3_GetsAnswersAndErrorsAsRecorded()
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            functions:
              f: { runtime: nodejs20.x, code: "{{folder.Path}}", handler: index.handler, timeout: 1s, log: off }
              none:
                runtime: nodejs20.x
                code: "{{folder.Path}}"
                handler: index.handler
                concurrency: { reserved: 0 }
            """);
        folder.File("client.py", Script);
        string? python = await RealTool.PythonWithAsync("boto3");
        Assert.True(python is not null, "boto3 is missing: apt-get install python3-boto3 (tests/run does it).");
        var (status, said) = await RealTool.RunAsync(
            python, "python3", Path.Combine(folder.Path, "client.py"), gateway.AdminAddress.ToString());
        Assert.True(status == 0, said);
        using var json = JsonDocument.Parse(said[said.IndexOf('{', StringComparison.Ordinal)..]);
        Check(json.RootElement);
    }

    private static void Check(JsonElement all)
    {
        Assert.Equal("""{"status":200,"version":"$LATEST","error":null,"payload":"{\"a\":1}","log":null}""",
            Compact(all, "plain"));
        Assert.Equal("{}", all.GetProperty("empty").GetProperty("payload").GetString());
        Assert.Equal(200, Status(all, "arn"));
        Assert.Equal(200, Status(all, "latest"));
        Assert.Matches(
            "^START RequestId: ([0-9a-f-]{36}) Version: \\$LATEST\n\\S+Z\t\\1\tINFO\t{\"b\":2}\nEND RequestId: \\1\n"
                + "REPORT RequestId: \\1\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\t"
                + "Max Memory Used: \\d+ MB\t\n$",
            all.GetProperty("tail").GetProperty("log").GetString());
        Assert.Equal((204, 202), (Status(all, "dry"), Status(all, "event")));
        Assert.Equal("", all.GetProperty("event").GetProperty("payload").GetString());
        Assert.Contains("\"error\":\"Unhandled\"", Compact(all, "thrown"), StringComparison.Ordinal);
        Assert.StartsWith(
            """{"errorType":"Error","errorMessage":"Error: some_error_msg","trace":[""",
            all.GetProperty("thrown").GetProperty("payload").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "Error: Task timed out after 1.00 seconds\"}", all.GetProperty("late").GetProperty("payload").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("""\"clientContext\":{\"custom\":{\"foo\":\"bar\"}}""".Replace("\\\"", "\""),
            all.GetProperty("context").GetProperty("payload").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"callbackWaitsForEmptyEventLoop\":true",
            all.GetProperty("context").GetProperty("payload").GetString(), StringComparison.Ordinal);
        CheckErrors(all);
    }

    private static void CheckErrors(JsonElement all)
    {
        const string Source =
            " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: ";
        const string Parse = "Could not parse request body into json: Could not parse payload into json: ";
        Assert.Equal(("ResourceNotFoundException",
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:doesnotexist:$LATEST"),
            Error(all, "missing"));
        Assert.Equal(404, Status(all, "version"));
        Assert.Equal(("InvalidRequestContentException", $"{Parse}Invalid UTF-8 start byte 0x87\n{Source}3]"),
            Error(all, "badWord"));
        Assert.Equal(("InvalidRequestContentException",
            $"{Parse}Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, "
                + $"Object or token 'null', 'true' or 'false')\n{Source}1]"), Error(all, "badStart"));
        Assert.Equal((413, "RequestTooLargeException"), (Status(all, "large"), Error(all, "large").Item1));
        Assert.Equal((429, "TooManyRequestsException"), (Status(all, "refused"), Error(all, "refused").Item1));
        Assert.Equal("ReservedFunctionConcurrentInvocationLimitExceeded",
            all.GetProperty("refused").GetProperty("Reason").GetString());
        Assert.Equal("Rate Exceeded.", all.GetProperty("refused").GetProperty("message").GetString());
    }

    private static int Status(JsonElement all, string name) => all.GetProperty(name).GetProperty("status").GetInt32();

    private static (string, string) Error(JsonElement all, string name)
    {
        var error = all.GetProperty(name).GetProperty("Error");
        return (error.GetProperty("Code").GetString()!, error.GetProperty("Message").GetString()!);
    }

    private static string Compact(JsonElement all, string name) =>
        JsonSerializer.Serialize(all.GetProperty(name), s_relaxed);

    private static readonly JsonSerializerOptions s_relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

using System.Text.Json.Nodes;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>The log of a function, in both of its formats.</summary>
public sealed class FunctionLogTests
{
    private const string Node =
        """
        export const handler = async (event) => {
          switch (event.do) {
            case 'hang': for (;;) {}
            case 'exit': process.exit(3);
            case 'throw': throw new TypeError('no luck');
          }
          console.log('plain');
          console.log({ deep: { of: [1] } });
          console.debug('not told');
          console.warn('%s of %d', 'two', 2, new RangeError('far'));
          const own = {}; own.own = own;
          console.error(own);
          return 'told';
        };
        """;

    private const string Python =
        """
        import logging
        def handler(event, context):
            print("as it is")
            logging.getLogger().info("told", extra={"order": 7})
            logging.getLogger().debug("not told")
            try:
                raise KeyError("gone")
            except KeyError:
                logging.getLogger("mine").exception("lost")
            if event.get("do") == "throw":
                raise ValueError("no luck")
        """;

    [Theory]
    [InlineData("nodejs20.x", "nodejs:20.v1")]
    [InlineData("python3.12", "python:3.12.v1")]
    [InlineData("dotnet8", "dotnet:8.v1")]
    [InlineData("provided.al2023", "provided:al2023.v1")]
    [InlineData("provided.al2", "provided:al2.v1")]
    [InlineData("provided", "provided:v1")]
    public void RuntimeVersion_IsNamedAsAwsDoes(string runtime, string version)
    {
        var known = RuntimeVersion.Of(
            new FunctionConfig { Name = "f", Code = "/", RuntimeName = runtime, Runtime = FunctionRuntime.Command },
            "eu-west-1");
        Assert.Equal(version, known.Name);
        Assert.Matches("^arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}$", known.Arn);
    }

    [Fact]
    public void LineThatComesLaterThanTheAnswer_StandsBeforeItsReport()
    {
        var log = new FunctionLog(new TextPlatformLog(128, new RuntimeVersion("r", "a")), TimeProvider.System);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        log.Start(one);
        log.Start(other);
        log.Report(one, InvocationOutcome.Success, 1, 0, 10);
        log.Line("of the other\n");
        log.Line("first\n", one);
        log.Line("second\n", one);
        log.Line("of nobody\n", Guid.NewGuid());
        string[] lines = log.Read().Split('\n');
        Assert.Equal(["first", "second", $"END RequestId: {one}"], lines[2..5]);
        Assert.Equal(["of the other", "of nobody", ""], lines[6..]);
    }

    [LinuxFact]
    public async Task Text_BeginsWithTheRuntime_AndReportsHowItEnded()
    {
        string log = await LogAsync("nodejs20.x", "index.handler", "text", Node, "hang", "exit");
        string[] lines = log.Split('\n');
        Assert.Matches(
            "^INIT_START Runtime Version: nodejs:20.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:"
                + "[0-9a-f]{64}$",
            lines[0]);
        Assert.Matches("^START RequestId: [0-9a-f-]{36} Version: \\$LATEST$", lines[1]);
        Assert.Contains(lines, line => line.EndsWith("Task timed out after 1.00 seconds", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("REPORT ", StringComparison.Ordinal)
            && line.EndsWith("\tStatus: timeout", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("REPORT ", StringComparison.Ordinal)
            && line.EndsWith("\tStatus: error\tError Type: Runtime.ExitError", StringComparison.Ordinal));
    }

    [LinuxFact]
    public async Task StartThatFails_IsReported()
    {
        string text = await LogAsync("nodejs20.x", "index.handler", "text", "throw new Error('early');", "");
        Assert.Matches(
            "\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: error\tError Type: Error\n", text);
        string json = await LogAsync("nodejs20.x", "index.handler", "json", "process.exit(4);", "");
        var report = Entries(json).First(each => TypeOf(each) == "platform.initReport");
        Assert.Equal("error Runtime.ExitError init", string.Join(
            ' ', report["record"]!["status"], report["record"]!["errorType"], report["record"]!["phase"]));
        Assert.InRange((double)report["record"]!["metrics"]!["durationMs"]!, 1, 60_000);
    }

    [LinuxFact]
    public async Task JsonOfNode_IsOneObjectALine()
    {
        string log = await LogAsync("nodejs20.x", "index.handler", "json", Node, "", "throw", "hang");
        var platform = Platform(log);
        Assert.Equal("platform.initStart", TypeOf(platform[0]));
        var init = platform[0]["record"]!;
        Assert.Equal("on-demand init nodejs:20.v1 f $LATEST", string.Join(
            ' ', init["initializationType"], init["phase"], init["runtimeVersion"], init["functionName"],
            init["functionVersion"]));
        Assert.Equal("platform.start", TypeOf(platform[1]));
        string id = (string)platform[1]["record"]!["requestId"]!;
        Assert.Equal("$LATEST", (string?)platform[1]["record"]!["version"]);
        var reports = platform.Where(each => TypeOf(each) == "platform.report").Select(each => each["record"]!)
            .ToArray();
        Assert.Equal(["success", "error", "timeout"], reports.Select(each => (string?)each["status"]));
        Assert.Equal(id, (string?)reports[0]["requestId"]);
        Assert.Equal(128, (int)reports[0]["metrics"]!["memorySizeMB"]!);
        Assert.InRange((double)reports[0]["metrics"]!["initDurationMs"]!, 1, 60_000);
        Assert.InRange((int)reports[0]["metrics"]!["maxMemoryUsedMB"]!, 10, 128);

        var own = Own(log);
        Assert.All(own.Take(4), each => Assert.Equal(id, (string?)each["requestId"]));
        Assert.Equal("INFO plain", $"{own[0]["level"]} {own[0]["message"]}");
        Assert.Equal("""{"deep":{"of":[1]}}""", own[1]["message"]!.ToJsonString());
        Assert.Equal("WARN RangeError far", string.Join(
            ' ', own[2]["level"], own[2]["errorType"], own[2]["errorMessage"]));
        Assert.StartsWith("two of 2", (string?)own[2]["message"], StringComparison.Ordinal);
        Assert.Contains("[Circular", (string?)own[3]["message"], StringComparison.Ordinal);
        var thrown = own[4]["message"]!;
        Assert.Equal("TypeError no luck", $"{thrown["errorType"]} {thrown["errorMessage"]}");
        Assert.DoesNotContain("not told", log, StringComparison.Ordinal);
        Assert.DoesNotContain("END RequestId", log, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task JsonOfPython_TellsRecordsAndErrors()
    {
        string log = await LogAsync("python3.11", "app.handler", "json", Python, "throw");
        Assert.Contains("as it is\n", log, StringComparison.Ordinal);
        string id = (string)Platform(log)[1]["record"]!["requestId"]!;
        var own = Own(log);
        Assert.Equal($"INFO told root 7 {id}", string.Join(
            ' ', own[0]["level"], own[0]["message"], own[0]["logger"], own[0]["order"], own[0]["requestId"]));
        Assert.Equal("ERROR lost mine KeyError 'gone'", string.Join(
            ' ', own[1]["level"], own[1]["message"], own[1]["logger"], own[1]["errorType"], own[1]["errorMessage"]));
        Assert.Equal($"ERROR ValueError no luck {id}", string.Join(
            ' ', own[2]["log_level"], own[2]["errorType"], own[2]["errorMessage"], own[2]["requestId"]));
        Assert.DoesNotContain("not told", log, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task JsonOfDotnet_HasTheRequestId()
    {
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            functions:
              f: { runtime: dotnet10, code: "{{AppContext.BaseDirectory}}", log: off, watch: false, memory: 256MiB,
                   handler: "DataPlane.Tests::DataPlane.Tests.Lambda.Dotnet.SampleHandlers::GreetAsync",
                   timeout: 60s, initTimeout: 60s, readOnlyCode: false, logFormat: json }
            routes: [ { match: { path: /f }, to: { function: f, event: raw } } ]
            """);
        await gateway.AskAsync("POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"Name\":\"a\"}");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        string log = "";
        await Eventually.HoldsAsync(
            async () => Own(log = await admin.GetStringAsync("/functions/f/logs")).Length == 3, "the log");
        string id = (string)Platform(log)[1]["record"]!["requestId"]!;
        Assert.Equal(
            [$"Information greeting {id}", $"Information to the\nconsole {id}", $"Error to stderr {id}"],
            Own(log).Select(each => $"{each["level"]} {each["message"]} {each["requestId"]}"));
    }

    /// <summary>What the log has after invocations that do these things, in turn.</summary>
    private static async Task<string> LogAsync(
        string runtime, string handler, string format, string code, params string[] what)
    {
        await using var folder = new FunctionFolder().Node(code).Python(code);
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(folder.Yaml(
            runtime, handler, $"log: off, logFormat: {format}, watch: false, timeout: 1s", "event: raw"));
        foreach (string each in what) await FunctionCallTests.PostAsync(gateway, $"{{\"do\":\"{each}\"}}");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        string log = "";
        // Its last lines may still be on their way, and the end of a process.
        await Eventually.HoldsAsync(
            async () =>
            {
                string before = log;
                log = await admin.GetStringAsync("/functions/f/logs");
                return log == before && Ends(log) >= what.Length;
            },
            "the log");
        return log;
    }

    private static int Ends(string log) =>
        log.Split('\n').Count(line => line.StartsWith("REPORT", StringComparison.Ordinal)
            || line.StartsWith("INIT_REPORT", StringComparison.Ordinal)
            || line.Contains("eport\",\"record", StringComparison.Ordinal));

    private static JsonObject[] Platform(string log) => [.. Entries(log).Where(each => each.ContainsKey("type"))];

    /// <summary>Of the function; where they stand among the platform's is chance.</summary>
    private static JsonObject[] Own(string log) => [.. Entries(log).Where(each => !each.ContainsKey("type"))];

    private static IEnumerable<JsonObject> Entries(string log) =>
        log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!.AsObject());

    private static string? TypeOf(JsonNode entry) => (string?)entry["type"];
}

using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>Handlers <c>Assembly::Type::Method</c>, in real processes of the .NET that runs the tests.</summary>
public sealed class ClassLibraryTests
{
    private const string Greeting =
        "{\"Name\":\"a\",\"More\":\"f 256 arn:aws:lambda:us-east-1:000000000000:function:f True 36\"}";

    [LinuxFact]
    public async Task Handlers_OfAllShapes_Answer()
    {
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        string[] names =
        [
            "Upper", "Reverse", "Count", "GreetAsync", "RestAsync", "SumAsync", "Nothing", "FailAsync", "Shout",
            "Framework",
        ];
        await gateway.StartAsync(
            "functions:\n" + string.Concat(names.Select(name => $"  {name}: {{ {Function(name)} }}\n"))
            + "  f: { " + Function("GreetAsync") + " }\n"
            + "routes:\n"
            + string.Concat(names.Append("f").Select(name =>
                $"  - {{ match: {{ path: /{name} }}, to: {{ function: {name}, event: raw }} }}\n")));
        Task<RawResponse> Ask(string name, string body) => gateway.AskAsync(
            $"POST /{name} HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal("\"ABC\"", (await Ask("Upper", "\"abc\"")).Text);
        Assert.Equal("]2,1[", (await Ask("Reverse", "[1,2]")).Text);
        Assert.Equal("{\"Name\":\"a\",\"Values\":[1]}", (await Ask("Count", "{\"name\":\"a\"}")).Text);
        // The instance is kept.
        Assert.Equal("{\"Name\":\"a\",\"Values\":[7,2]}", (await Ask("Count", "{\"name\":\"a\",\"values\":[7]}")).Text);
        Assert.Equal(Greeting, (await Ask("f", "{\"Name\":\"a\"}")).Text);
        Assert.Equal("null", (await Ask("RestAsync", "{}")).Text);
        Assert.Equal("null", (await Ask("Nothing", "{}")).Text);
        Assert.Equal("6", (await Ask("SumAsync", "{\"Name\":\"\",\"Values\":[1,2,3]}")).Text);
        Assert.Equal("{\"NAME\":\"A\",\"VALUES\":NULL,\"MORE\":NULL}", (await Ask("Shout", "{\"Name\":\"a\"}")).Text);
        Assert.Equal(
            "\"Microsoft.Extensions.Logging.AbstractionsObject\"", (await Ask("Framework", "{}")).Text);
        var failed = await Ask("FailAsync", "{\"Name\":\"no luck\"}");
        Assert.Equal((502, "Unhandled"), (failed.Status, failed.Field("X-Amz-Function-Error")));
        var error = JsonDocument.Parse(failed.Body).RootElement;
        Assert.Equal("InvalidOperationException", error.GetProperty("errorType").GetString());
        Assert.Equal("no luck", error.GetProperty("errorMessage").GetString());
        Assert.Contains("FailAsync", error.GetProperty("stackTrace")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("FormatException", error.GetProperty("cause").GetProperty("errorType").GetString());
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        string log = await admin.GetStringAsync("/functions/f/logs");
        const string Begin = "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\t[0-9a-f-]{36}\t";
        Assert.Matches(Begin + "info\tgreeting\n", log);
        Assert.Matches(Begin + "info\tto the\nconsole\n", log);
        Assert.Matches(Begin + "fail\tto stderr\n", log);
    }

    [LinuxFact]
    public async Task HandlersThatAreNone_SayWhy()
    {
        await using var gateway = TestGateway.Create(Wire.Epoll);
        await gateway.StartAsync(
            $$"""
            functions:
              missing: { {{Function("NotThere")}} }
              three: { {{Function("Three")}} }
            routes:
              - { match: { path: /missing }, to: { function: missing, event: raw } }
              - { match: { path: /three }, to: { function: three, event: raw } }
            """);
        var missing = await gateway.AskAsync("GET /missing HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Contains("Found no method 'NotThere'", missing.Text, StringComparison.Ordinal);
        var three = await gateway.AskAsync("GET /three HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Contains("more than an event and a context", three.Text, StringComparison.Ordinal);
        gateway.TakeLogged();
    }

    private static string Function(string method) =>
        $"runtime: dotnet10, code: \"{AppContext.BaseDirectory}\", log: off, watch: false, memory: 256MiB, "
        + "timeout: 60s, initTimeout: 60s, readOnlyCode: false, "
        + $"handler: \"DataPlane.Tests::DataPlane.Tests.Lambda.Dotnet.SampleHandlers::{method}\"";
}

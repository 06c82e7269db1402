using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda;

/// <summary>The Runtime API to a client that does what it should not.</summary>
public sealed class RuntimeApiTests
{
    private const string Abuser =
        """
        import http.client, json, os
        BASE = "/2018-06-01/runtime/"
        def call(method, path, body=None, headers={}):
            connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=30)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            return answer, [answer.status, text]
        seen = {"early": call("POST", BASE + "invocation/6ba7b810-9dad-11d1-80b4-00c04fd430c8/response", "1")[1]}
        while True:
            head, _ = call("GET", BASE + "invocation/next")
            own = BASE + "invocation/" + head.getheader("Lambda-Runtime-Aws-Request-Id")
            seen["fields"] = sorted(name.lower() for name, _ in head.getheaders())
            seen["wrong"] = call("POST", BASE + "invocation/6ba7b810-9dad-11d1-80b4-00c04fd430c8/response", "1")[1]
            seen["method"] = call("GET", own + "/response")[1]
            seen["unknown"] = call("GET", "/2018-06-01/else")[1]
            seen["ping"] = call("GET", "/2018-06-01/ping")[1]
            seen["large"] = call("POST", BASE + "invocation/x/response", "y" * 7000000)[0].status
            seen["answer"] = call("POST", own + "/response", json.dumps(seen))[1]
            seen["again"] = call("POST", own + "/response", json.dumps(seen))[1]
        """;

    [Theory]
    [SocketWire]
    public async Task WrongIdsSecondAndEarlyAnswers_AreToldAndHarmNobody(Wire wire)
    {
        await using var folder = new FunctionFolder().File("runtime.py", Abuser);
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            functions:
              f:
                command: [/usr/bin/python3, runtime.py]
                code: "{{folder.Path}}"
                initTimeout: 60s
                timeout: 60s
                log: off
            routes:
              - { id: f, match: { path: "/{path+}" }, to: { function: f, event: raw } }
            """);
        var first = JsonDocument.Parse((await FunctionCallTests.PostAsync(gateway, "{}")).Body).RootElement;
        const string WrongId = """{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}""" + "\n";
        Assert.Equal((400, WrongId), Of(first, "early"));
        Assert.Equal((400, WrongId), Of(first, "wrong"));
        Assert.Equal(405, Of(first, "method").Status);
        Assert.Equal(404, Of(first, "unknown").Status);
        Assert.Equal((200, "pong"), Of(first, "ping"));
        Assert.Equal(
            [
                "content-length", "content-type", "lambda-runtime-aws-request-id", "lambda-runtime-deadline-ms",
                "lambda-runtime-invoked-function-arn", "lambda-runtime-trace-id",
            ],
            first.GetProperty("fields").EnumerateArray().Select(each => each.GetString()));
        var second = JsonDocument.Parse((await FunctionCallTests.PostAsync(gateway, "{}")).Body).RootElement;
        Assert.Equal((202, "{\"status\":\"OK\"}\n"), Of(second, "answer"));
        Assert.Equal(403, Of(second, "again").Status);
        Assert.Contains("\"InvalidStateTransition\"", Of(second, "again").Text, StringComparison.Ordinal);
    }

    private const string Vandal =
        """
        import http.client, os, socket
        HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
        NEXT = b"/2018-06-01/runtime/invocation/next HTTP/1.1\r\n"
        def throw(data, waits=True):
            try:
                with socket.create_connection((HOST, int(PORT)), timeout=5) as connection:
                    connection.sendall(data)
                    if waits: connection.recv(4096)
            except OSError:
                pass
        for data in [b"\x00\xff" * 5000, b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"X" * (1 << 20),
                     b"GET " + NEXT + b"Content-Length: -1\r\n\r\n",
                     b"GET " + NEXT + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                     b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"GET " + NEXT + b"A: " + b"y" * (1 << 20)]:
            throw(data)
        throw(b"GET /2018-06-01/runtime/invoc", waits=False)
        idle = [socket.create_connection((HOST, int(PORT)), timeout=5) for _ in range(40)]
        for each in idle: each.close()
        API = "/2018-06-01/runtime/invocation/"
        connection = http.client.HTTPConnection(HOST, int(PORT), timeout=60)
        while True:
            connection.request("GET", API + "next")
            answer = connection.getresponse()
            answer.read()
            connection.request("POST", API + answer.getheader("Lambda-Runtime-Aws-Request-Id") + "/response",
                               b"{\"statusCode\": \xff\xfe no json")
            connection.getresponse().read()
        """;

    [Theory]
    [SocketWire]
    public async Task Garbage_IsToldFromAnswersAndHarmsNobody(Wire wire)
    {
        await using var folder = new FunctionFolder().File("runtime.py", Vandal);
        await using var other = new FunctionFolder().Node("export const handler = async () => 'well';");
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            functions:
              f:
                command: [/usr/bin/python3, runtime.py]
                code: "{{folder.Path}}"
                initTimeout: 60s
                timeout: 60s
                log: off
              g: { runtime: nodejs20.x, code: "{{other.Path}}", handler: index.handler, initTimeout: 60s }
            routes:
              - { match: { path: /two }, to: { function: f } }
              - { match: { path: /rest }, to: { function: f, event: rest } }
              - { match: { path: /other }, to: { function: g, event: raw } }
            """);
        var bad = gateway.AskAsync("GET /rest HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("\"well\"", (await gateway.AskAsync("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal((502, """{"message":"Internal server error"}"""), ((await bad).Status, (await bad).Text));
        // An HTTP API passes on what is no JSON, as AWS does.
        var plain = await gateway.AskAsync("GET /two HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((200, "{\"statusCode\": \xff\xfe no json"), (plain.Status, plain.Text));
        Assert.Equal("\"well\"", (await gateway.AskAsync("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    private static (int Status, string Text) Of(JsonElement seen, string name)
    {
        var pair = seen.GetProperty(name);
        return (pair[0].GetInt32(), pair[1].GetString()!);
    }
}

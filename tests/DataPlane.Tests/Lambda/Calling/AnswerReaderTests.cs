using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Tests.Lambda.Calling;

/// <summary>What functions return, and what clients get of it, where AWS was asked.</summary>
public sealed class AnswerReaderTests
{
    [Fact]
    public void RestProxyResponses_AreReadAsRecorded()
    {
        const string Cases = "aws/derived-cases/rest-lambda-proxy-response-format.json";
        if (!SharedCorpora.TryRead(Cases, out var document)) return;
        using (document)
        {
            Assert.All(document.RootElement.GetProperty("cases").EnumerateArray(), CheckRest);
        }
    }

    [Theory]
    [InlineData("v1", FunctionEventFormat.HttpApi1, "HttpV1")]
    [InlineData("v1", FunctionEventFormat.Rest, "Rest")]
    [InlineData("v2", FunctionEventFormat.HttpApi2, "")]
    public void RecordedAnswers_AreMatched(string group, FunctionEventFormat format, string suffix)
    {
        const string Recorded = "aws/aws-lambda-dotnet/testtool-v2-aws-recorded-snapshots/";
        if (!SharedCorpora.TryRead("aws/derived-cases/testtool-response-cases.json", out var document)) return;
        int compared = 0;
        using (document)
        {
            foreach (var each in document.RootElement.GetProperty(group).EnumerateArray())
            {
                string file = each.GetProperty("name").GetString() + suffix + ".json";
                // Only a part of the recordings is shared.
                if (!SharedCorpora.TryRead(Recorded + file, out var recorded)) continue;
                using (recorded) CheckRecorded(each.GetProperty("lambda_output").GetRawText(), format, recorded);
                compared++;
            }
        }
        Assert.InRange(compared, 3, 100);
    }

    [Fact]
    public void PayloadsThatAreNoResponses_AreReadAsRecorded()
    {
        if (!SharedCorpora.TryRead("aws/derived-cases/testtool-response-cases.json", out var document)) return;
        using (document)
        {
            var root = document.RootElement;
            Assert.All(root.GetProperty("v2_raw_payload_without_statusCode").GetProperty("cases").EnumerateArray(),
                each =>
                {
                    var answer = Read(Text(each, "function_payload_bytes"), FunctionEventFormat.HttpApi2)!;
                    Assert.Equal(each.GetProperty("http_status").GetInt32(), answer.Status);
                    Assert.Equal([$"Content-Type: {Text(each, "content_type")}"], answer.Lines);
                    Assert.Equal(Text(each, "http_body"), answer.Body);
                });
            // What a client hears then is AnswersThatAreNone_AreAwsErrors.
            string isFloat = Text(root.GetProperty("v2_float_status"), "function_payload_bytes");
            Assert.Null(Read(isFloat, FunctionEventFormat.HttpApi2));
            string isText = Text(root.GetProperty("v1_not_json"), "function_payload_bytes");
            Assert.Null(Read(isText, FunctionEventFormat.Rest));
            Assert.Null(Read(isText, FunctionEventFormat.HttpApi1));
        }
    }

    [Theory]
    [InlineData("\"Hello, World!\"", "Hello, World!")]
    [InlineData("\"\"", "")]
    [InlineData("\"a\\nb\\u00e9\"", "a\nbé")]
    [InlineData("{\"hello\":\"world\"}", "{\"hello\":\"world\"}")]
    [InlineData("[\"hello\",3,true]", "[\"hello\",3,true]")]
    [InlineData("3.1", "3.1")]
    [InlineData("null", "null")]
    [InlineData("{\"statusCode\":null,\"body\":\"x\"}", "{\"statusCode\":null,\"body\":\"x\"}")]
    [InlineData("this is no JSON", "this is no JSON")]
    [InlineData("{\"statusCode\":", "{\"statusCode\":")]
    public void AnswerWithoutStatusCode_IsTheBodyOfAnHttpApi2(string returned, string body)
    {
        var answer = Read(returned, FunctionEventFormat.HttpApi2)!;
        Assert.Equal((200, body), (answer.Status, answer.Body));
        Assert.Equal(["Content-Type: application/json"], answer.Lines);
    }

    [Theory]
    [InlineData("{\"statusCode\":200.5}")]
    [InlineData("{\"statusCode\":0}")]
    [InlineData("{\"statusCode\":101}")]
    [InlineData("{\"statusCode\":99999}")]
    [InlineData("{\"statusCode\":true}")]
    [InlineData("{\"statusCode\":200,\"headers\":[]}")]
    [InlineData("{\"statusCode\":200,\"headers\":{\"a\":{}}}")]
    [InlineData("{\"statusCode\":200,\"headers\":{\"a b\":\"x\"}}")]
    [InlineData("{\"statusCode\":200,\"headers\":{\"a\":\"x\\r\\nEvil: y\"}}")]
    [InlineData("{\"statusCode\":200,\"headers\":{\"\":\"x\"}}")]
    [InlineData("{\"statusCode\":200,\"cookies\":\"a=b\"}")]
    [InlineData("{\"statusCode\":200,\"cookies\":[\"a\\nb\"]}")]
    [InlineData("{\"statusCode\":200,\"body\":{}}")]
    [InlineData("{\"statusCode\":200,\"body\":\"***\",\"isBase64Encoded\":true}")]
    public void MalformedAnswer_IsRefused(string returned) => Assert.Null(Read(returned, FunctionEventFormat.HttpApi2));

    [Fact]
    public void CookiesAndHeaders_BecomeLines()
    {
        var answer = Read(
            """
            {"statusCode":"201","cookies":["a=b; Path=/","c=d"],"headers":{"x-one":1,"x-two":true,"x-three":null}}
            """,
            FunctionEventFormat.HttpApi2)!;
        Assert.Equal(201, answer.Status);
        Assert.Equal(
            [
                "X-One: 1", "X-Two: true", "Set-Cookie: a=b; Path=/", "Set-Cookie: c=d",
                "Content-Type: text/plain; charset=utf-8",
            ],
            answer.Lines);
    }

    [Fact]
    public void Framing_StaysTheGateways()
    {
        const string Returned =
            """
            {"statusCode":200,"body":"x","headers":{"Content-Length":"9","connection":"close","Transfer-Encoding":"x",
            "Date":"now","content-type":"a/b"}}
            """;
        Assert.Equal(["Content-Type: a/b"], Read(Returned, FunctionEventFormat.HttpApi2)!.Lines);
        Assert.Equal(
            [
                "x-amzn-Remapped-Content-Length: 9", "x-amzn-Remapped-connection: close", "x-amzn-Remapped-Date: now",
                "content-type: a/b",
            ],
            Read(Returned, FunctionEventFormat.Rest)!.Lines);
    }

    [Fact]
    public void Base64Body_IsDecodedByHttpApisOnly()
    {
        const string Returned = """{"statusCode":200,"body":"AAEC/w==","isBase64Encoded":true}""";
        Assert.Equal("\0\u0001\u0002ÿ", Read(Returned, FunctionEventFormat.HttpApi2)!.Body);
        Assert.Equal("AAEC/w==", Read(Returned, FunctionEventFormat.Rest)!.Body);
        Assert.Equal("\0\u0001\u0002ÿ", Read(Returned, FunctionEventFormat.Rest, isBinary: true)!.Body);
    }

    private static void CheckRest(JsonElement each)
    {
        // Recorded for a function that failed, as the case itself says: what AWS makes of {} is not known.
        if (each.GetProperty("name").GetString() is "empty-object") return;
        var answer = Read(each.GetProperty("lambda_output").GetRawText(), FunctionEventFormat.Rest);
        int status = each.GetProperty("status").GetInt32();
        if (status == 502)
        {
            Assert.Null(answer);
            return;
        }
        Assert.Equal(status, answer!.Status);
        if (each.TryGetProperty("body", out var body)) Assert.Equal(body.GetString(), answer.Body);
        if (each.TryGetProperty("headers", out var headers))
        {
            Assert.All(headers.EnumerateObject(), header =>
                Assert.Contains($"{header.Name}: {header.Value.GetString()}", answer.Lines));
        }
        if (!each.TryGetProperty("header_lists", out var lists)) return;
        Assert.All(lists.EnumerateObject(), list => Assert.Equal(
            list.Value.EnumerateArray().Select(value => $"{list.Name}: {value.GetString()}"),
            answer.Lines.Where(line => line.StartsWith(list.Name + ":", StringComparison.Ordinal))));
    }

    private static void CheckRecorded(string returned, FunctionEventFormat format, JsonDocument recorded)
    {
        var answer = Read(returned, format);
        int status = recorded.RootElement.GetProperty("StatusCode").GetInt32();
        if (status >= 500)
        {
            Assert.Null(answer);
            return;
        }
        Assert.Equal(status, answer!.Status);
        Assert.Equal(recorded.RootElement.GetProperty("Content").GetString(), answer.Body);
        string[] own = ["Date", "Connection", "Content-Length", "Apigw-Requestid", "x-amzn-RequestId", "x-amz-apigw-id",
            "X-Amzn-Trace-Id", "x-amzn-ErrorType"];
        var expected = recorded.RootElement.GetProperty("Headers").EnumerateObject()
            .Where(header => !own.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.EnumerateArray().Select(value => $"{header.Name}: {value.GetString()}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), answer.Lines.Order(StringComparer.Ordinal));
    }

    private static string Text(JsonElement each, string name) => each.GetProperty(name).GetString()!;

    private static ReadAnswer? Read(string returned, FunctionEventFormat format, bool isBinary = false)
    {
        var scratch = new CallScratch();
        var buffer = new PayloadBuffer();
        buffer.Append(Encoding.UTF8.GetBytes(returned));
        bool decodes = isBinary || format != FunctionEventFormat.Rest;
        if (!AnswerReader.TryRead(scratch, buffer, format, decodes, out int status, out var body)) return null;
        byte[] bytes = buffer.Span.Slice(body.Start, body.Length).ToArray();
        string lines = Encoding.UTF8.GetString(scratch.Fields.Span);
        Assert.EndsWith("\r\n", lines, StringComparison.Ordinal);
        var encoding = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1;
        return new ReadAnswer(status, lines.Split("\r\n")[..^1], encoding.GetString(bytes));
    }

    private sealed record ReadAnswer(int Status, string[] Lines, string Body);
}

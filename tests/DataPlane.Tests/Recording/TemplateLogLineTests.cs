using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class TemplateLogLineTests
{
    private const string Head =
        "GET /users/7?page=2&token=secret HTTP/1.1\r\nHost: api.example.com:8080\r\nUser-Agent: curl/8.0\r\n"
        + "X-Tenant: blue \"sky\"\r\nAuthorization: Bearer secret\r\nX-Request-Id: id-1\r\n"
        + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n";

    /// <summary>API Gateway's own sample of the Common Log Format, unchanged.</summary>
    [Fact]
    public void SampleOfApiGateway_IsWritten() => Assert.Equal(
        "192.0.2.7 - - [21/Nov/2026:10:11:12 +0000]\"GET get-user HTTP/1.1\" 200 3 id-1\n",
        Render(
            "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
            + "\"$context.httpMethod $context.resourcePath $context.protocol\" $context.status "
            + "$context.responseLength $context.requestId"));

    [Theory]
    [InlineData("$context.domainName$context.path", "api.example.com/users/7")]
    [InlineData("$context.responseLatency $context.ownLatency", "1500 500")]
    [InlineData("$context.integrationLatency $context.upstream $context.tries", "- - 0")]
    [InlineData("$context.requestTimeEpoch $context.timeEpoch", "1795255872345 1795255872")]
    [InlineData("$context.time", "2026-11-21T10:11:12.345Z")]
    [InlineData("$context.xrayTraceId", "1-4bf92f35-77b34da6a3ce929d0e0e4736")]
    [InlineData("$context.traceId", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("$context.query", "page=2&token=***")]
    [InlineData("$request.querystring.page $request.querystring.token $request.querystring.no", "2 *** -")]
    [InlineData("$request.header.x-tenant", "blue \\x22sky\\x22")]
    [InlineData("$request.header.Authorization", "***")]
    [InlineData("$request.header.X-Nobody", "-")]
    [InlineData("$request.path.id $request.path.other", "7 -")]
    [InlineData("$context.outcome $context.side $context.error.message", "completed - -")]
    [InlineData("$context.requestLength", "2")]
    [InlineData("$context.identity.userAgent", "curl/8.0")]
    [InlineData("100 $ and $5", "100 $ and $5")]
    public void Variable_HasItsValue(string template, string expected)
    {
        if (!template.Contains("$context", StringComparison.Ordinal)) template += " $context.status";
        string line = Render(template);
        Assert.Equal(expected, line.TrimEnd('\n').Replace(" 200", "", StringComparison.Ordinal));
    }

    [Fact]
    public void JsonTemplate_StaysJsonWhateverTheClientSends()
    {
        string line = Render("{\"tenant\":\"$request.header.X-Tenant\",\"status\":$context.status}");
        using var parsed = JsonDocument.Parse(line);
        Assert.Equal("blue \"sky\"", parsed.RootElement.GetProperty("tenant").GetString());
        Assert.Equal(200, parsed.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public void Failure_IsNamedWithItsSide()
    {
        string line = Render(
            "$context.outcome $context.side $context.error.responseType $context.error.message", 504,
            ExchangeOutcome.UpstreamResponseTimeout);
        Assert.Equal(
            "upstream_response_timeout upstream upstream_response_timeout The upstream did not answer in time.\n",
            line);
    }

    [Fact]
    public void LineThatOutgrowsItsSpace_IsCutAndEnds()
    {
        using var exchange = new LoggedExchange($"GET /{new string('p', 5000)} HTTP/1.1\r\nHost: x\r\n\r\n");
        string line = exchange.Line(Config(string.Concat(Enumerable.Repeat("$context.path ", 100))));
        Assert.InRange(line.Length, RecordingLimits.LineBytes - 128, RecordingLimits.LineBytes);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    /// <summary>A name that cannot be rendered would be found by nobody else.</summary>
    [Fact]
    public void EveryName_IsRendered()
    {
        foreach (string name in LogTemplate.Names)
        {
            string line = Render($"<${name}>");
            Assert.Matches("^<[^$<>]+>\n$", line);
        }
    }

    private static AccessLogConfig Config(string template) => new()
    {
        Format = AccessLogFormat.Template,
        Template = LogTemplate.TryParse(template, out _) ?? throw new ArgumentException(template),
    };

    private static string Render(
        string template, int status = 200, ExchangeOutcome outcome = ExchangeOutcome.Completed)
    {
        using var exchange = new LoggedExchange(Head, "get-user", ["id"]);
        exchange.Exchange.Match.Push(new(7, 1));
        return exchange.Line(Config(template), status, outcome);
    }
}

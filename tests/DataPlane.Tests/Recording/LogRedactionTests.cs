using System.Text.Json;
using DataPlane.Config;

namespace DataPlane.Tests.Recording;

public class LogRedactionTests
{
    [Theory]
    [InlineData("page=2", "page=2")]
    [InlineData("access_token=abc", "access_token=***")]
    [InlineData("a=1&TOKEN=abc&b=2", "a=1&TOKEN=***&b=2")]
    [InlineData("acc%65ss_tok%45n=abc", "acc%65ss_tok%45n=***")]
    [InlineData("X-Amz-Signature=00ff&X-Amz-Date=1", "X-Amz-Signature=***&X-Amz-Date=1")]
    [InlineData("api_key=a&api_key=b", "api_key=***&api_key=***")]
    [InlineData("token=", "token=***")]
    [InlineData("token", "token")]
    [InlineData("tokens=abc", "tokens=abc")]
    [InlineData("mytoken=abc", "mytoken=abc")]
    [InlineData("password=a%26b&&=x&", "password=***&&=x&")]
    [InlineData("pin=1234", "pin=***")]
    public void Query_ShowsNoSecret(string query, string shown)
    {
        using var exchange = new LoggedExchange($"GET /a?{query} HTTP/1.1\r\nHost: x\r\n\r\n");
        var config = new AccessLogConfig { Query = true, Redact = new LogRedactionConfig { Query = ["pin"] } };
        Assert.Equal(shown, Member(exchange.Line(config), "query"));
        Assert.Contains($"\"GET /a?{shown} HTTP/1.1\"", exchange.Line(config with { Format = AccessLogFormat.Clf }));
    }

    [Fact]
    public void Query_IsNotLoggedUnlessAsked()
    {
        using var exchange = new LoggedExchange("GET /a?b=secret HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.DoesNotContain("secret", exchange.Line(new AccessLogConfig()), StringComparison.Ordinal);
    }

    [Fact]
    public void QueryTooLong_IsCutAndItsSecretsAreNot()
    {
        string query = $"a={new string('x', 3000)}&token=secret";
        using var exchange = new LoggedExchange($"GET /a?{query} HTTP/1.1\r\nHost: x\r\n\r\n");
        string line = exchange.Line(new AccessLogConfig { Query = true });
        Assert.Equal(2048, Member(line, "query").Length);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Referer_ShowsNoSecretOfItsQuery()
    {
        using var exchange = new LoggedExchange(
            "GET /a HTTP/1.1\r\nHost: x\r\nReferer: https://x/cb?code=1&access_token=secret\r\n\r\n");
        Assert.Contains(
            "\"https://x/cb?code=1&access_token=***\"",
            exchange.Line(new AccessLogConfig { Format = AccessLogFormat.Combined }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void HiddenCapture_IsMaskedInThePath()
    {
        using var exchange = new LoggedExchange(
            "GET /reset/s3cret/for/ada HTTP/1.1\r\nHost: x\r\n\r\n", "reset", ["code", "user"]);
        exchange.Exchange.Match.Push(new(7, 6));
        exchange.Exchange.Match.Push(new(18, 3));
        var config = new AccessLogConfig { Redact = new LogRedactionConfig { Captures = ["Code"] } };
        Assert.Equal("/reset/***/for/ada", Member(exchange.Line(config), "path"));
        Assert.Equal("/reset/s3cret/for/ada", Member(exchange.Line(new AccessLogConfig()), "path"));
    }

    private static string Member(string line, string name)
    {
        using var parsed = JsonDocument.Parse(line);
        return parsed.RootElement.GetProperty(name).GetString()!;
    }
}

using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

/// <summary>Functions with <c>lambda</c>: what they mean, and what is wrong with them.</summary>
public sealed class RemoteFunctionBinderTests
{
    [Theory]
    [InlineData("arn:aws:lambda:eu-west-1:123456789012:function:charge", null, "eu-west-1",
        "https://lambda.eu-west-1.amazonaws.com")]
    [InlineData("arn:aws:lambda:eu-west-1:123456789012:function:charge:live", "live", "eu-west-1",
        "https://lambda.eu-west-1.amazonaws.com")]
    [InlineData("arn:aws-cn:lambda:cn-north-1:123456789012:function:charge", null, "cn-north-1",
        "https://lambda.cn-north-1.amazonaws.com.cn")]
    public void Arn_SaysWhereAndWhat(string arn, string? qualifier, string region, string url)
    {
        var function = Bind($$"""functions: { f: { lambda: "{{arn}}" } }""", out var config);
        Assert.Equal(string.Join(':', arn.Split(':')[..7]), function.Function);
        Assert.Equal((qualifier, region), (function.Qualifier, function.Region));
        var upstream = Assert.Single(config.Upstreams);
        Assert.Equal((function.Upstream, url), (upstream.Name, upstream.Endpoints[0].Url));
        Assert.NotNull(upstream.Tls);
        Assert.Empty(config.Functions);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9001/2015-03-31/functions/f/invocations", "f", null)]
    [InlineData("http://127.0.0.1:9001/2015-03-31/functions/f/invocations?Qualifier=%24LATEST", "f", "$LATEST")]
    [InlineData("http://127.0.0.1:9001/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af",
        "arn:aws:lambda:r:1:function:f", null)]
    public void Url_NamesAnyInvokeApi(string url, string function, string? qualifier)
    {
        var bound = Bind($$"""functions: { f: { lambda: "{{url}}" } }""", out var config);
        Assert.Equal((function, qualifier), (bound.Function, bound.Qualifier));
        Assert.Equal("http://127.0.0.1:9001", Assert.Single(config.Upstreams).Endpoints[0].Url);
    }

    [Fact]
    public void FunctionsOfOneService_ShareAnUpstream_UnlessTheyNameTheirOwn()
    {
        Bind(
            """
            upstreams: { aws: { endpoints: [ "https://lambda.internal" ] } }
            functions:
              f: { lambda: "arn:aws:lambda:eu-west-1:123456789012:function:f" }
              g: { lambda: "arn:aws:lambda:eu-west-1:123456789012:function:g" }
              h: { lambda: "arn:aws:lambda:eu-west-1:123456789012:function:h", upstream: aws, credentials: none }
            """,
            out var config);
        Assert.Equal(["aws", "lambda:lambda.eu-west-1.amazonaws.com:443"], config.Upstreams.Select(each => each.Name));
        Assert.Equal("aws", config.RemoteFunctions[2].Upstream);
        Assert.False(config.RemoteFunctions[2].Credentials.Signs);
    }

    [Theory]
    [InlineData("""{ lambda: "arn:aws:s3:::bucket" }""",
        "g.yaml:1:27: functions.f.lambda: names no function; write "
            + "arn:aws:lambda:REGION:ACCOUNT:function:NAME, or the URL of an Invoke API")]
    [InlineData("""{ lambda: "http://a/b" }""",
        "g.yaml:1:27: functions.f.lambda: is no function of an Invoke API; write "
            + "http://HOST:PORT/2015-03-31/functions/NAME/invocations")]
    [InlineData("""{ lambda: "arn:aws:lambda:r:1:function:f:v", qualifier: w }""",
        "g.yaml:1:73: functions.f.qualifier: stands in lambda already; remove one of the two")]
    [InlineData("""{ lambda: "arn:aws:lambda:r:1:function:f", upstream: none }""",
        "g.yaml:1:70: functions.f.upstream: there is no upstream 'none'; there are no upstreams")]
    [InlineData("""{ lambda: "arn:aws:lambda:r:1:function:f", regin: a }""",
        "g.yaml:1:60: functions.f.regin: unknown key 'regin'; did you mean 'region'?")]
    [InlineData("""{ lambda: "arn:aws:lambda:r:1:function:f", credentials: { accessKey: a } }""",
        "g.yaml:1:73: functions.f.credentials.secretKey: is required beside the other; write both, or a profile")]
    [InlineData("""{ lambda: "arn:aws:lambda:r:1:function:f", clientContext: "[]" }""",
        "g.yaml:1:75: functions.f.clientContext: is no JSON object; write for example "
            + "'{\"custom\":{\"tenant\":\"a\"}}'")]
    public void Mistake_IsToldWithItsFix(string function, string error) =>
        ConfigText.Fails($"functions: {{ f: {function} }}", error);

    private static RemoteFunctionConfig Bind(string yaml, out GatewayConfig config)
    {
        var result = ConfigLoader.Parse(yaml, "g.yaml");
        Assert.True(result.Config is not null, string.Join('\n', result.Errors));
        config = result.Config;
        // What is printed loads again, and means the same.
        var again = ConfigLoader.Parse(EffectiveConfig.Write(result.Root), "again.yaml");
        Assert.True(again.Config is not null, string.Join('\n', again.Errors));
        Assert.Equal(config.RemoteFunctions.Length, again.Config.RemoteFunctions.Length);
        return config.RemoteFunctions[0];
    }
}

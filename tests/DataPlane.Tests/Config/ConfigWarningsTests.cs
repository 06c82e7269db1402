using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class ConfigWarningsTests
{
    private const string Strong = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("admin: { address: \"127.0.0.1:8081\" }", "")]
    [InlineData("admin: { token: \"${STRONG}\" }", "")]
    [InlineData("admin: { token: \"${WEAK}\" }", "1:17 admin.token is shorter than 16 characters")]
    [InlineData("admin: { token: " + Strong + " }", "1:17 admin.token is written into the file")]
    [InlineData("admin: { address: \"0.0.0.0:8081\", token: \"${STRONG}\" }",
        "1:19 admin.address sends the token over the network in the clear")]
    [InlineData("forwarding: { trustedProxies: [10.0.0.0/8, 0.0.0.0/0] }",
        "1:31 forwarding.trustedProxies believes the forwarded fields of every client")]
    [InlineData("forwarding: { trustedProxies: [\"::/0\"] }",
        "1:31 forwarding.trustedProxies believes the forwarded fields of every client")]
    [InlineData("limits: { bodyMinimumRate: 0/s, responseMinimumRate: 0/s }",
        "1:28 limits.bodyMinimumRate lets a client send a body as slowly as it likes|"
            + "1:54 limits.responseMinimumRate lets a client read as slowly as it likes")]
    [InlineData("upstreams: { a.b: { endpoints: [ \"https://a\" ], tls: { verify: false } } }",
        "1:64 upstreams.a.b.tls.verify lets anybody on the way to the upstream read and change everything")]
    public void Weakness_IsWarnedOf(string yaml, string expected)
    {
        var result = ConfigLoader.Parse(yaml, "g.yaml", environment: new ConfigEnvironment(
            name => name == "STRONG" ? Strong : "weak", (_, _) => throw new FileNotFoundException()));
        Assert.Empty(result.Errors);
        Assert.Equal(
            expected,
            string.Join('|', result.Warnings.Select(each =>
                $"{each.Line}:{each.Column} {each.Path} {each.Message}")));
        Assert.All(result.Warnings, each => Assert.DoesNotContain("weak", each.Fix, StringComparison.Ordinal));
    }

    [Fact]
    public void WrongConfiguration_HasErrorsOnly() =>
        Assert.Empty(ConfigText.Load("admin: { token: short }\nroutse: []").Warnings);
}

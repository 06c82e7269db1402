using DataPlane.Config;

namespace DataPlane.Tests.Config.Reading;

public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("${SECRET}", ConfigText.Secret)]
    [InlineData("a-${SECRET}-b-${SECRET}", "a-" + ConfigText.Secret + "-b-" + ConfigText.Secret)]
    [InlineData("${NOTHING:-default}", "default")]
    [InlineData("${NOTHING:-}", null)]
    [InlineData("${EMPTY:-default}", "default")]
    [InlineData("${SECRET:-default}", ConfigText.Secret)]
    [InlineData("${file:/run/secrets/token}", "t0ken")]
    [InlineData("$${SECRET}", "${SECRET}")]
    [InlineData("cost:5$", "cost:5$")]
    [InlineData("$5", "$5")]
    [InlineData("$$$$", "$$")]
    [InlineData("$$${SECRET}", "$" + ConfigText.Secret)]
    public void Text_IsSubstituted(string written, string? expected) =>
        Assert.Equal(expected, ConfigText.Config($"admin: {{ token: '{written}' }}").Admin.Token);

    [Fact]
    public void VariableWithYamlInIt_StaysText()
    {
        var machine = new ConfigEnvironment(_ => "a]\nlisteners: []", (_, _) => []);
        const string Yaml = """routes: [ { match: { path: / }, to: { mock: { body: ["${X}"] } } } ]""";
        ConfigResult result = ConfigLoader.Parse(Yaml, "g.yaml", environment: machine);
        Assert.Empty(result.Errors);
        Assert.Single(result.Config!.Listeners);
    }

    [Fact]
    public void VariableThatLooksLikeANumber_IsTypedByItsKey()
    {
        var machine = new ConfigEnvironment(_ => "7", (_, _) => []);
        ConfigResult result = ConfigLoader.Parse("limits: { connections: \"${X}\" }", "g.yaml", environment: machine);
        Assert.Equal(7, result.Config!.Limits.Connections);
    }

    [Fact]
    public void RelativeFile_StartsAtTheConfigurationsFolder()
    {
        var asked = new List<string>();
        var machine = new ConfigEnvironment(_ => null, (path, _) =>
        {
            asked.Add(path);
            return path == "conf/g.yaml" ? "admin: { token: '${file:token}' }"u8.ToArray() : "abc"u8.ToArray();
        });
        Assert.Equal("abc", ConfigLoader.Load("conf/g.yaml", null, machine).Config!.Admin.Token);
        Assert.Equal(["conf/g.yaml", "conf/token"], asked);
    }
}

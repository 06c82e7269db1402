using DataPlane.Config;

namespace DataPlane.Tests.Config.Reading;

public sealed class OverridesTests
{
    private const string Yaml = """
        listeners:
          - { name: public, address: 127.0.0.1:8080 }
        upstreams:
          users.v2: { endpoints: [ "http://a" ] }
        routes:
          - { id: ping, match: { path: /ping }, to: { mock: { body: pong } } }
        """;

    [Fact]
    public void KeyThatExists_IsReplaced() =>
        Assert.Equal("[::]:9090", Address(("listeners.0.address", "[::]:9090")));

    [Fact]
    public void ListItem_IsFoundByName() =>
        Assert.Equal("0.0.0.0:1", Address(("listeners.public.address", "0.0.0.0:1")));

    [Fact]
    public void ListItem_IsFoundById() => Assert.Equal(
        TimeSpan.FromSeconds(5), ConfigText.Config(Yaml, ("routes.ping.timeout", "5s")).Routes[0].Timeout);

    [Fact]
    public void MissingSection_IsMade() =>
        Assert.Equal(5, ConfigText.Config(Yaml, ("limits.connections", "5")).Limits.Connections);

    [Fact]
    public void EmptyFile_TakesOverrides() =>
        Assert.Equal(5, ConfigText.Config("", ("limits.connections", "5")).Limits.Connections);

    [Fact]
    public void NameWithDots_IsOneStep() => Assert.Equal(
        TimeSpan.FromSeconds(7),
        ConfigText.Config(Yaml, ("upstreams.users.v2.timeouts.connect", "7s")).Upstreams[0].Timeouts.Connect);

    [Fact]
    public void EndpointByIndex_IsReplaced() => Assert.Equal(
        "b", ConfigText.Config(Yaml, ("upstreams.users.v2.endpoints.0", "http://b")).Upstreams[0].Endpoints[0].Host);

    [Fact]
    public void QuotedValue_IsReadAsYaml() =>
        Assert.Equal("a\"b", ConfigText.Config("", ("admin.token", "\"a\\\"b\"")).Admin.Token);

    [Fact]
    public void Variable_IsSubstituted() =>
        Assert.Equal(ConfigText.Secret, ConfigText.Config("", ("admin.token", "${SECRET}")).Admin.Token);

    [Theory]
    [InlineData("limits.conections", "5", "--set limits.conections:1:1: limits.conections: "
        + "unknown key 'conections'; did you mean 'connections'?")]
    [InlineData("limits.connections", "many", "--set limits.connections:1:1: limits.connections: "
        + "'many' is not a whole number; write a number from 1 to 10000000")]
    [InlineData("listeners.1.address", "x", "--set listeners.1.address:1:1: listeners.1.address: "
        + "the list has no item '1'; name an item by its index from 0, its name or its id")]
    [InlineData("routes.ping.id.x", "x", "--set routes.ping.id.x:1:1: routes.ping.id.x: "
        + "goes through a single value; name a key of a mapping or an item of a list")]
    [InlineData("limits..x", "x", "--set limits..x:1:1: limits..x: "
        + "has an empty key; write KEY=VALUE with keys separated by dots")]
    [InlineData("admin.token", "\"x", "--set admin.token:1:1: the YAML cannot be read: "
        + "while scanning a quoted scalar, found unexpected end of stream; check the quotes and escapes")]
    [InlineData("admin.token", "${NOTHING}", "--set admin.token:1:1: admin.token: "
        + "the environment variable NOTHING is not set; set it, or write ${NOTHING:-default}")]
    public void WrongOverride_IsReportedUnderItsOwnName(string key, string value, string expected) =>
        Assert.Equal(expected, Assert.Single(ConfigText.Load(Yaml, (key, value)).Errors).ToString());

    private static string Address((string Key, string Value) set) =>
        ConfigText.Config(Yaml, set).Listeners[0].Address.ToString();
}

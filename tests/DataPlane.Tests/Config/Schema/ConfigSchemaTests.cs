using System.Text.Json.Nodes;
using DataPlane.Config;
using DataPlane.Config.Binding;
using DataPlane.Config.Schema;

namespace DataPlane.Tests.Config.Schema;

public sealed class ConfigSchemaTests
{
    private static readonly JsonObject s_schema =
        JsonNode.Parse(ConfigSchema.Json(ConfigExtensions.BuiltIn))!.AsObject();

    [Fact]
    public void Schema_SaysItsDraft() =>
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)s_schema["$schema"]);

    /// <summary>
    /// The reader is asked, not its tables: for every property of the schema, a file with only that key must not make
    /// it say "unknown key", and a key beside it must.
    /// </summary>
    [Theory]
    [InlineData("", "{0}")]
    [InlineData("listeners.items", "listeners: [ {0} ]")]
    [InlineData("admin", "admin: {0}")]
    [InlineData("limits", "limits: {0}")]
    [InlineData("forwarding", "forwarding: {0}")]
    [InlineData("accessLog", "accessLog: {0}")]
    [InlineData("transport.1", "transport: {0}")]
    [InlineData("upstreams.additionalProperties", "upstreams: {{ u: {0} }}")]
    [InlineData("upstreams.additionalProperties.endpoints.items.1", "upstreams: {{ u: {{ endpoints: [ {0} ] }} }}")]
    [InlineData("upstreams.additionalProperties.connections", "upstreams: {{ u: {{ connections: {0} }} }}")]
    [InlineData("upstreams.additionalProperties.timeouts", "upstreams: {{ u: {{ timeouts: {0} }} }}")]
    [InlineData("upstreams.additionalProperties.retries", "upstreams: {{ u: {{ retries: {0} }} }}")]
    [InlineData("routes.items", "routes: [ {0} ]")]
    [InlineData("routes.items.match", "routes: [ {{ match: {0} }} ]")]
    [InlineData("routes.items.headers", "routes: [ {{ headers: {0} }} ]")]
    [InlineData("routes.items.headers.request", "routes: [ {{ headers: {{ request: {0} }} }} ]")]
    public void Section_ListsWhatTheReaderKnows(string section, string form)
    {
        JsonObject properties = Find(section)["properties"]!.AsObject();
        Assert.NotEmpty(properties);
        foreach ((string key, JsonNode? _) in properties)
            Assert.DoesNotContain(Messages(form, key), m => m.StartsWith("unknown key", StringComparison.Ordinal));
        Assert.Contains(Messages(form, "noSuchKey"), m => m == "unknown key 'noSuchKey'");
    }

    [Fact]
    public void EverySectionOfTheTables_IsInTheSchema()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(GatewayBinder.Keys, names);
        string json = s_schema.ToJsonString();
        Assert.All(names, name => Assert.Contains($"\"{name}\":{{", json, StringComparison.Ordinal));
        Assert.InRange(names.Count, 70, 300);
    }

    [Fact]
    public void KeyOfALaterVersion_MatchesNothing() =>
        Assert.Equal("{}", s_schema["properties"]!["apis"]!["not"]!.ToJsonString());

    [Fact]
    public void Targets_AreThoseOfTheExtensions()
    {
        ConfigExtensions more = ConfigExtensions.BuiltIn
            .WithTarget("echo", (_, _, _, _) => null, """{"title":"the echo"}""")
            .WithPolicy("stamp", (_, _, _, _) => { }, """{"title":"the stamp"}""");
        JsonNode definitions = JsonNode.Parse(ConfigSchema.Json(more))!["$defs"]!;
        Assert.Equal(6, definitions["target"]!["anyOf"]!.AsArray().Count);
        Assert.Equal("the echo", (string?)definitions["target"]!["anyOf"]![0]!["title"]);
        Assert.Equal("the stamp", (string?)definitions["policy"]!["properties"]!["stamp"]!["title"]);
    }

    [Fact]
    public void Limits_CarryDefaultsAndRanges()
    {
        JsonNode connections = s_schema["properties"]!["limits"]!["properties"]!["connections"]!;
        Assert.Equal(10_000, (int)connections["default"]!);
        Assert.Equal(1, (int)connections["minimum"]!);
    }

    private static JsonNode Find(string section)
    {
        JsonNode at = s_schema;
        foreach (string step in section.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            at = step switch
            {
                "items" or "additionalProperties" => at[step]!,
                "1" => at["anyOf"]![1]!,
                _ => at["properties"]![step]!,
            };
        }
        return at;
    }

    private static List<string> Messages(string form, string key)
    {
        string yaml = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, $"{{ {key}: ~ }}");
        return [.. ConfigText.Load(yaml).Errors.Select(error => error.Message)];
    }

    private static void Collect(KeyTable keys, HashSet<string> names)
    {
        foreach (ConfigKey key in keys.Keys)
        {
            names.Add(key.Name);
            Collect(key.Shape, names);
        }
    }

    private static void Collect(ValueShape shape, HashSet<string> names)
    {
        if (shape.Keys is { } keys) Collect(keys, names);
        foreach (ValueShape inner in shape.Inner) Collect(inner, names);
    }
}

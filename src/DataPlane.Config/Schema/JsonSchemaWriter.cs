using System.Globalization;
using System.Text.Json.Nodes;

namespace DataPlane.Config.Schema;

/// <summary>Key tables as JSON Schema. Every scalar may also be a string with a variable in it.</summary>
internal static class JsonSchemaWriter
{
    private const string OrVariable = @"|.*\$\{.*";

    /// <summary>An object with exactly the table's keys.</summary>
    public static JsonObject Section(KeyTable keys)
    {
        var properties = new JsonObject();
        foreach (ConfigKey key in keys.Keys) properties.Add(key.Name, Key(key));
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        JsonNode[] required = [.. keys.Keys.Where(key => key.Required).Select(key => (JsonNode)key.Name)];
        if (required.Length > 0) schema.Add("required", new JsonArray(required));
        return schema;
    }

    /// <summary>The default as JSON: text that is JSON by itself stays what it is, as it would in YAML.</summary>
    public static JsonNode? Default(ConfigKey key)
    {
        if (key.Default is not { } text) return null;
        return key.Shape.Kind switch
        {
            ShapeKind.Integer => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
            ShapeKind.Number => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
            ShapeKind.Boolean => JsonValue.Create(text == "true"),
            ShapeKind.List or ShapeKind.Map or ShapeKind.Section or ShapeKind.Either when text[0] is '[' or '{' =>
                JsonNode.Parse(text),
            _ => JsonValue.Create(text),
        };
    }

    private static JsonObject Key(ConfigKey key)
    {
        if (key.NotYet is { } fix)
            return new JsonObject { ["description"] = $"{key.Summary} To do now: {fix}.", ["not"] = new JsonObject() };
        JsonObject schema = Shape(key.Shape);
        schema.Insert(0, "description", key.Summary);
        if (Default(key) is { } standard) schema.Add("default", standard);
        return schema;
    }

    private static JsonObject Shape(ValueShape shape) => shape.Kind switch
    {
        ShapeKind.Boolean => new()
        {
            ["type"] = Types("boolean", "string"),
            ["pattern"] = $"^(true|false{OrVariable})$",
        },
        ShapeKind.Integer => Bounded(shape, "integer", "[+-]?[0-9]+"),
        ShapeKind.Number => Bounded(shape, "number", @"[+-]?[0-9.]+"),
        ShapeKind.Size => Bounded(shape, "integer", "[0-9]+(KiB|MiB|GiB)?"),
        ShapeKind.Duration => Text($"[0-9]+(ms|s|m|h)"),
        ShapeKind.Rate => Text("[0-9]+/[smh]"),
        ShapeKind.Percent => Text(@"[0-9]+(\.[0-9]+)?%"),
        ShapeKind.Choice => Choice(shape),
        ShapeKind.Section => Section(shape.Keys!),
        ShapeKind.Map => new() { ["type"] = "object", ["additionalProperties"] = Shape(shape.Inner[0]) },
        ShapeKind.List => new() { ["type"] = "array", ["items"] = Shape(shape.Inner[0]) },
        ShapeKind.Either => new() { ["anyOf"] = new JsonArray([.. shape.Inner.Select(Shape)]) },
        ShapeKind.Target => new() { ["$ref"] = "#/$defs/target" },
        ShapeKind.Policy => new() { ["$ref"] = "#/$defs/policy" },
        // Text is also written without quotes: an id of 5, a header value of true.
        ShapeKind.String => new() { ["type"] = Types("string", "number", "boolean") },
        _ => new JsonObject(),
    };

    private static JsonObject Bounded(ValueShape shape, string type, string pattern)
    {
        var schema = new JsonObject { ["type"] = Types(type, "string"), ["pattern"] = $"^({pattern}{OrVariable})$" };
        schema.Add("minimum", shape.Least);
        if (shape.Most != long.MaxValue) schema.Add("maximum", shape.Most);
        return schema;
    }

    private static JsonObject Choice(ValueShape shape)
    {
        var schema = new JsonObject();
        bool isNumeric = shape.Names.All(name => name.All(char.IsAsciiDigit));
        JsonNode[] names = [.. shape.Names.Select(name => (JsonNode)name)];
        JsonNode[] numbers = isNumeric
            ? [.. shape.Names.Select(name => (JsonNode)int.Parse(name, CultureInfo.InvariantCulture))]
            : [];
        schema.Add("anyOf", new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. numbers, .. names]) },
            new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }));
        return schema;
    }

    private static JsonObject Text(string pattern) =>
        new() { ["type"] = "string", ["pattern"] = $"^({pattern}{OrVariable})$" };

    private static JsonArray Types(params ReadOnlySpan<string> names)
    {
        var types = new JsonArray();
        foreach (string name in names) types.Add((JsonNode)name);
        return types;
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlane.Config.Binding;
using DataPlane.Config.Schema;

namespace DataPlane.Config;

/// <summary>The configuration's JSON Schema (draft 2020-12), made from the tables the reader itself uses.</summary>
public static class ConfigSchema
{
    private static readonly JsonSerializerOptions s_readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json(ConfigExtensions extensions)
    {
        JsonObject schema = JsonSchemaWriter.Section(GatewayBinder.Keys);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "DataPlane configuration");
        JsonNode[] targets = [.. extensions.Targets.Values.Select(kind => JsonNode.Parse(kind.Schema)!)];
        var policies = new JsonObject();
        foreach ((string kind, PolicyExtension extension) in extensions.Policies)
            policies.Add(kind, JsonNode.Parse(extension.Schema));
        schema.Add("$defs", new JsonObject
        {
            ["target"] = targets.Length == 0 ? new JsonObject() : new JsonObject { ["anyOf"] = new JsonArray(targets) },
            ["policy"] = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["minProperties"] = 1,
                ["maxProperties"] = 1,
                ["properties"] = policies,
            },
        });
        return schema.ToJsonString(s_readable);
    }
}

using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlane.Config.Binding;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config;

/// <summary>
/// The configuration in force as JSON: what was written, overrides and variables applied, defaults filled in. Every
/// value that came from a variable or a file, and every key that holds a secret, prints as <c>***</c>.
/// </summary>
public static class EffectiveConfig
{
    private const string Mask = "***";
    private const int SegmentBytes = 64 * 1024;

    private static readonly JsonWriterOptions s_readable = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Read once: every route has the same ones.
    private static readonly ConcurrentDictionary<string, ConfigNode> s_defaults = new(StringComparer.Ordinal);

    /// <summary>From <see cref="ConfigResult.Root"/>; null (an empty file) is a configuration of defaults.</summary>
    public static string Write(ConfigNode? root) => Write(root, GatewayBinder.Keys);

    /// <summary>Only these of the sections.</summary>
    public static string Write(ConfigNode? root, IReadOnlySet<string> sections) =>
        Write(root, new KeyTable([.. GatewayBinder.Keys.Keys.Where(key => sections.Contains(key.Name))]));

    private static string Write(ConfigNode? root, KeyTable keys)
    {
        // In pieces, and each used again the next time: one growing array would be copied, and left behind, many times.
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: SegmentBytes, pauseWriterThreshold: 0));
        using (var json = new Utf8JsonWriter(pipe.Writer, s_readable)) WriteSection(json, root as MappingNode, keys);
        pipe.Writer.Complete();
        if (!pipe.Reader.TryRead(out ReadResult written)) return "";
        string text = Encoding.UTF8.GetString(written.Buffer);
        pipe.Reader.Complete();
        return text;
    }

    private static void WriteSection(Utf8JsonWriter json, MappingNode? section, KeyTable keys)
    {
        json.WriteStartObject();
        foreach (ConfigKey key in keys.Keys)
        {
            ConfigNode? value = section?.Find(key.Name)?.Value;
            bool isWritten = value is not null and not ScalarNode { IsNull: true };
            if (!isWritten && key.Default is null) continue;
            json.WritePropertyName(key.Name);
            if (isWritten) WriteValue(json, value!, key.Shape, key.Secret);
            else WriteDefault(json, key);
        }
        json.WriteEndObject();
    }

    private static void WriteDefault(Utf8JsonWriter json, ConfigKey key)
    {
        if (key.Shape.Kind == ShapeKind.Section)
        {
            WriteSection(json, null, key.Shape.Keys!);
        }
        else if (key.Default is ['[', ..])
        {
            // Read like the operator's own list, so that the sections in it get their defaults too.
            WriteValue(json, s_defaults.GetOrAdd(key.Default, ReadDefault), key.Shape, isSecret: false);
        }
        else if (key.Default == "{}")
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
        else if (key.Shape.Kind is ShapeKind.Choice or ShapeKind.String)
        {
            json.WriteStringValue(key.Default);
        }
        else
        {
            JsonSchemaWriter.Default(key)!.WriteTo(json);
        }
    }

    private static ConfigNode ReadDefault(string text)
    {
        var reader = new YamlTreeReader("default", new Substitution(ConfigEnvironment.Empty, ""), new ConfigErrors());
        return reader.Read(text, out _)!;
    }

    private static void WriteValue(Utf8JsonWriter json, ConfigNode node, ValueShape shape, bool isSecret)
    {
        ValueShape fitting = shape.Kind == ShapeKind.Either ? Alternative(shape, node) : shape;
        switch (node)
        {
            case ScalarNode scalar when scalar.IsSecret || (isSecret && scalar.Value.Length > 0):
                json.WriteStringValue(Mask);
                break;
            case ScalarNode scalar when fitting.Kind == ShapeKind.String || scalar.Value.Contains('$'):
                json.WriteStringValue(Escaped(scalar.Value));
                break;
            case ScalarNode scalar:
                JsonText.WriteScalar(json, scalar);
                break;
            case MappingNode section when fitting.Kind == ShapeKind.Section:
                WriteSection(json, section, fitting.Keys!);
                break;
            case MappingNode map:
                json.WriteStartObject();
                for (int i = 0; i < map.Entries.Count; i++)
                {
                    MappingEntry entry = map.Entries[i];
                    json.WritePropertyName(entry.Key.Value);
                    WriteValue(json, entry.Value, Inner(fitting, ShapeKind.Map), isSecret);
                }
                json.WriteEndObject();
                break;
            case SequenceNode list:
                json.WriteStartArray();
                for (int i = 0; i < list.Items.Count; i++)
                    WriteValue(json, list.Items[i], Inner(fitting, ShapeKind.List), isSecret);
                json.WriteEndArray();
                break;
        }
    }

    /// <summary>As it has to be written: where one would begin a reference or be one of two, dollars double.</summary>
    private static string Escaped(string value) =>
        value.Contains("${", StringComparison.Ordinal) || value.Contains("$$", StringComparison.Ordinal)
            ? value.Replace("$", "$$", StringComparison.Ordinal)
            : value;

    private static ValueShape Inner(ValueShape shape, ShapeKind collection) =>
        shape.Kind == collection ? shape.Inner[0] : ValueShape.Anything;

    private static ValueShape Alternative(ValueShape either, ConfigNode node)
    {
        foreach (ValueShape shape in either.Inner)
        {
            if ((shape.Kind == ShapeKind.Section) == (node is MappingNode) && HasRequired(shape, node)) return shape;
        }
        return ValueShape.Anything;
    }

    /// <summary>Sections that stand for each other differ in what they must have.</summary>
    private static bool HasRequired(ValueShape shape, ConfigNode node)
    {
        if (shape.Keys is not { } keys || node is not MappingNode mapping) return true;
        return keys.Required.All(key => mapping.Find(key.Name) is not null);
    }
}

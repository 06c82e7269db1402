using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlane.Config.Reading;

/// <summary>Nodes as JSON. Plain scalars that JSON also knows keep their type; all others are strings.</summary>
public static class JsonText
{
    /// <summary>
    /// Without spaces, keys in the order written, secrets included: for bodies, not for printing back.
    /// </summary>
    public static string Compact(ConfigNode node)
    {
        using var bytes = new MemoryStream();
        // The text goes out as JSON, never into HTML: escaping only what JSON asks keeps it as the operator wrote it.
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(bytes, options)) Write(json, node);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>A plain scalar by its JSON type, any other as a string.</summary>
    internal static void WriteScalar(Utf8JsonWriter json, ScalarNode scalar)
    {
        if (!scalar.IsPlain) json.WriteStringValue(scalar.Value);
        else if (scalar.IsNull) json.WriteNullValue();
        else if (scalar.Value is "true" or "false") json.WriteBooleanValue(scalar.Value == "true");
        else if (IsJsonNumber(scalar.Value)) json.WriteRawValue(scalar.Value);
        else json.WriteStringValue(scalar.Value);
    }

    private static void Write(Utf8JsonWriter json, ConfigNode node)
    {
        switch (node)
        {
            case MappingNode mapping:
                json.WriteStartObject();
                foreach (MappingEntry entry in mapping.Entries)
                {
                    json.WritePropertyName(entry.Key.Value);
                    Write(json, entry.Value);
                }
                json.WriteEndObject();
                break;
            case SequenceNode list:
                json.WriteStartArray();
                foreach (ConfigNode item in list.Items) Write(json, item);
                json.WriteEndArray();
                break;
            default:
                WriteScalar(json, (ScalarNode)node);
                break;
        }
    }

    // RFC 8259, 6: no leading zeros or plus sign, so that 007 stays the text it was.
    private static bool IsJsonNumber(string text)
    {
        string digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || !char.IsAsciiDigit(digits[^1])) return false;
        if (digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1])) return false;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return !digits.Contains(".e", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(digits, Style, CultureInfo.InvariantCulture, out _);
    }
}

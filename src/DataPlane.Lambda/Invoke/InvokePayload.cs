using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace DataPlane.Lambda.Invoke;

/// <summary>Whether an event is JSON, and if not, in which of Lambda's words. Any thread.</summary>
internal static class InvokePayload
{
    private const string Source =
        "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: ";

    /// <summary>Null for one JSON value.</summary>
    public static string? Problem(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (reader.Read())
            {
                reader.Skip();
                if (!reader.Read() && Utf8.IsValid(payload)) return null;
            }
        }
        catch (JsonException failure)
        {
            return Describe(payload, (int)Math.Min(payload.Length - 1, failure.BytePositionInLine ?? 0));
        }
        return Describe(payload, payload.Length - 1);
    }

    private static string Describe(ReadOnlySpan<byte> payload, int at)
    {
        // Its tokenizer reads a word to its end before it looks at the bytes behind.
        int bad = payload.IndexOfAnyInRange((byte)0x80, (byte)0xff);
        if (bad > 0 && bad <= at + 1 && payload[0] is (byte)'n' or (byte)'t' or (byte)'f')
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte "
                + $"0x{payload[bad]:x2}{Source}{bad + 2}]");
        }
        at = Math.Max(at, 0);
        int code = payload.IsEmpty ? 0 : payload[at];
        string shown = char.IsControl((char)code)
            ? $"(CTRL-CHAR, code {code})"
            : $"'{(char)code}' (code {code})";
        return string.Create(CultureInfo.InvariantCulture,
            $"Could not parse request body into json: Could not parse payload into json: Unexpected character "
            + $"({shown}): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or "
            + $"'false'){Source}{at + 1}]");
    }
}

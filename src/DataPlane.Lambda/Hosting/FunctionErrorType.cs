using System.Text.Json;

namespace DataPlane.Lambda.Hosting;

/// <summary>Reads the type out of a runtime's error in JSON.</summary>
internal static class FunctionErrorType
{
    /// <summary><c>Runtime.Unknown</c> when it does not say.</summary>
    public static string Of(ReadOnlySpan<byte> error)
    {
        const string Unknown = "Runtime.Unknown";
        var json = new Utf8JsonReader(error);
        try
        {
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1) continue;
                bool isType = json.ValueTextEquals("errorType"u8);
                json.Read();
                if (isType && json.TokenType == JsonTokenType.String) return json.GetString() ?? Unknown;
                if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) json.Skip();
            }
        }
        catch (JsonException)
        {
            // A runtime may post anything.
        }
        return Unknown;
    }
}

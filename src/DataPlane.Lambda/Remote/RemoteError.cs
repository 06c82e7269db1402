using System.Text.Json;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Calling;

namespace DataPlane.Lambda.Remote;

/// <summary>Reads errors of the Invoke API. Cold.</summary>
internal static class RemoteError
{
    private const int MostCharacters = 300;

    /// <summary>Who was throttled is told to the client as Lambda tells it.</summary>
    public static LocalReply Throttle(ReadOnlySpan<byte> body) =>
        body.IndexOf("ReservedFunctionConcurrentInvocationLimitExceeded"u8) >= 0
            ? AwsReplies.ReservedExceeded
            : AwsReplies.QueueFull;

    /// <summary>What a person looks for in the log.</summary>
    public static (string Type, string Message) Read(ReadOnlySpan<byte> body)
    {
        string type = "", message = "";
        try
        {
            var json = new Utf8JsonReader(body);
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1) continue;
                bool isType = json.ValueTextEquals("Type"u8) || json.ValueTextEquals("__type"u8);
                bool isMessage = json.ValueTextEquals("Message"u8) || json.ValueTextEquals("message"u8);
                json.Read();
                if (json.TokenType != JsonTokenType.String) continue;
                if (isType) type = Cut(json.GetString()!);
                if (isMessage) message = Cut(json.GetString()!);
            }
        }
        catch (JsonException)
        {
            message = "the answer is no JSON";
        }
        return (type, message);
    }

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters];
}

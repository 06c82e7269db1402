using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// What destinations get, version 1.0 of Lambda's record, and what a dead letter says. Source: AWS Lambda developer
/// guide, asynchronous invocation. Any thread.
/// </summary>
internal static class DestinationRecord
{
    /// <summary>As Lambda bounds the text it puts beside a dead letter.</summary>
    private const int MessageChars = 1024;

    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Without an answer, the function was never called in the last attempt.</summary>
    public static byte[] Write(
        QueueEntry entry, QueueVerdict verdict, string arn, ReadOnlySpan<byte> request, byte[]? answer,
        DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, s_options);
        json.WriteStartObject();
        json.WriteString("version"u8, "1.0"u8);
        json.WriteString("timestamp"u8, now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteStartObject("requestContext"u8);
        json.WriteString("requestId"u8, entry.RequestId);
        json.WriteString("functionArn"u8, arn);
        json.WriteString("condition"u8, verdict.Condition);
        json.WriteNumber("approximateInvokeCount"u8, verdict.Attempts);
        json.WriteEndObject();
        json.WritePropertyName("requestPayload"u8);
        WriteValue(json, request);
        if (answer is not null)
        {
            json.WriteStartObject("responseContext"u8);
            json.WriteNumber("statusCode"u8, 200);
            json.WriteString("executedVersion"u8, "$LATEST"u8);
            if (verdict.Condition != QueueVerdict.Success) json.WriteString("functionError"u8, "Unhandled"u8);
            json.WriteEndObject();
            json.WritePropertyName("responsePayload"u8);
            WriteValue(json, answer);
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The error of a dead letter: Lambda's status and the function's own words.</summary>
    public static (string Code, string Message) ErrorOf(QueueVerdict verdict, byte[]? answer)
    {
        if (answer is null)
        {
            return verdict.Condition == QueueVerdict.ZeroReservedConcurrency
                ? ("429", "The function has no concurrency reserved.")
                : ("429", "Rate Exceeded.");
        }
        string message = Encoding.UTF8.GetString(answer);
        try
        {
            if (JsonNode.Parse(answer) is JsonObject error && error["errorMessage"] is JsonValue told)
                message = told.ToString();
        }
        catch (JsonException)
        {
            // Not in JSON: the answer itself is the message.
        }
        return ("200", message.Length <= MessageChars ? message : message[..MessageChars]);
    }

    /// <summary>A dead letter with its attributes, for a destination that has no place beside the event.</summary>
    public static byte[] WriteLetter(Guid request, string code, string message, ReadOnlySpan<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, s_options);
        json.WriteStartObject();
        json.WriteString("RequestID"u8, request);
        json.WriteString("ErrorCode"u8, code);
        json.WriteString("ErrorMessage"u8, message);
        json.WritePropertyName("Body"u8);
        WriteValue(json, payload);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>JSON as it is, in one line; what is none becomes text.</summary>
    private static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        try
        {
            using var document = JsonDocument.ParseValue(ref reader);
            if (!reader.Read())
            {
                document.WriteTo(json);
                return;
            }
        }
        catch (JsonException)
        {
            // A function may have answered anything.
        }
        json.WriteStringValue(Encoding.UTF8.GetString(payload));
    }
}

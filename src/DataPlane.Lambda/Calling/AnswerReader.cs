using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Http;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Reads a function's answer as APIs and load balancers do. Header lines go to the scratch, the body behind the JSON
/// in the answer's own buffer. Loop thread; 0 bytes, but for an exception when the answer is no JSON.
/// </summary>
internal static class AnswerReader
{
    private const int StandardStatus = 200;

    /// <summary>
    /// False: what the function returned is no response. With <paramref name="decodes"/> base64 becomes bytes.
    /// </summary>
    public static bool TryRead(
        CallScratch scratch, PayloadBuffer answer, FunctionEventFormat format, bool decodes, out int status,
        out ByteRange body)
    {
        status = StandardStatus;
        body = default;
        scratch.Fields.Truncate(0);
        var parts = Find(answer.Span);
        bool isTwo = format is FunctionEventFormat.HttpApi2 or FunctionEventFormat.Url;
        if (isTwo && !(parts.IsObject && parts.StatusCode > 0))
            return ReadPlain(scratch, answer, in parts, out body);
        if (!parts.IsJson || !parts.IsObject) return false;
        if (format == FunctionEventFormat.Rest && parts.HasUnknownKey) return false;
        // A target group is set to one kind of values and does not look at the other; the status is required.
        if (format == FunctionEventFormat.Alb) parts.MultiValueHeaders = 0;
        if (format == FunctionEventFormat.AlbMultiValue) parts.Headers = 0;
        bool isAlb = format is FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue;
        if (isAlb && parts.StatusCode == 0) return false;
        if (!TryReadStatus(answer.Span, in parts, out status)) return false;
        if (!AnswerFields.TryWrite(scratch, answer.Span, in parts, format)) return false;
        return TryReadBody(answer, in parts, decodes && IsTrue(answer.Span, parts.IsBase64Encoded), out body);
    }

    /// <summary>The head of a streamed answer.</summary>
    public static bool TryReadPrelude(CallScratch scratch, ReadOnlySpan<byte> json, out int status)
    {
        scratch.Fields.Truncate(0);
        status = StandardStatus;
        var parts = Find(json);
        return parts is { IsJson: true, IsObject: true }
            && TryReadStatus(json, in parts, out status)
            && AnswerFields.TryWrite(scratch, json, in parts, FunctionEventFormat.HttpApi2);
    }

    private static AnswerParts Find(ReadOnlySpan<byte> json)
    {
        var parts = default(AnswerParts);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read()) return parts;
            parts.IsString = reader.TokenType == JsonTokenType.String;
            parts.IsObject = reader.TokenType == JsonTokenType.StartObject;
            if (!parts.IsObject) reader.Skip();
            while (parts.IsObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                TakeProperty(ref reader, ref parts);
            }
            parts.IsJson = !reader.Read();
        }
        catch (JsonException)
        {
            // Only a bootstrap that does not write JSON comes here; an HTTP API sends what it wrote as it is.
            parts = default;
        }
        return parts;
    }

    private static void TakeProperty(ref Utf8JsonReader reader, ref AnswerParts parts)
    {
        int which = reader.ValueTextEquals("statusCode"u8) ? 1
            : reader.ValueTextEquals("headers"u8) ? 2
            : reader.ValueTextEquals("multiValueHeaders"u8) ? 3
            : reader.ValueTextEquals("cookies"u8) ? 4
            : reader.ValueTextEquals("body"u8) ? 5
            : reader.ValueTextEquals("isBase64Encoded"u8) ? 6 : 0;
        parts.HasUnknownKey |= which is 0 or 4;
        reader.Read();
        int start = reader.TokenType == JsonTokenType.Null ? 0 : (int)reader.TokenStartIndex;
        reader.Skip();
        switch (which)
        {
            case 1:
                parts.StatusCode = start;
                break;
            case 2:
                parts.Headers = start;
                break;
            case 3:
                parts.MultiValueHeaders = start;
                break;
            case 4:
                parts.Cookies = start;
                break;
            case 5:
                parts.Body = start;
                parts.BodyLength = (int)reader.BytesConsumed - start;
                break;
            case 6:
                parts.IsBase64Encoded = start;
                break;
        }
    }

    private static bool TryReadStatus(ReadOnlySpan<byte> json, in AnswerParts parts, out int status)
    {
        status = StandardStatus;
        if (parts.StatusCode == 0) return true;
        var reader = new Utf8JsonReader(json[parts.StatusCode..]);
        reader.Read();
        bool isNumber = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetInt32(out status),
            JsonTokenType.String => Utf8Parser.TryParse(reader.ValueSpan, out status, out int used)
                && used == reader.ValueSpan.Length,
            _ => false,
        };
        return isNumber && status is >= 200 and <= 599;
    }

    private static bool IsTrue(ReadOnlySpan<byte> json, int start) =>
        start > 0 && (json[start..].StartsWith("true"u8) || json[start..].StartsWith("\"true\""u8));

    /// <summary>Anything but an object with a status code is the body itself; a text without its quotes.</summary>
    private static bool ReadPlain(CallScratch scratch, PayloadBuffer answer, in AnswerParts parts, out ByteRange body)
    {
        scratch.Fields.Append("Content-Type: application/json\r\n"u8);
        body = new ByteRange(0, answer.Length);
        if (!parts.IsString || !parts.IsJson) return true;
        body = Unescape(answer, 0, answer.Length);
        return true;
    }

    private static bool TryReadBody(PayloadBuffer answer, in AnswerParts parts, bool decodes, out ByteRange body)
    {
        body = default;
        if (parts.Body == 0) return true;
        switch (answer.Span[parts.Body])
        {
            case (byte)'"':
                body = Unescape(answer, parts.Body, parts.BodyLength);
                break;
            case (byte)'{' or (byte)'[':
                return false;
            default:
                body = new ByteRange(parts.Body, parts.BodyLength);
                break;
        }
        if (!decodes) return true;
        var status = Base64.DecodeFromUtf8InPlace(answer.Span.Slice(body.Start, body.Length), out int written);
        body = new ByteRange(body.Start, written);
        return status == OperationStatus.Done;
    }

    private static ByteRange Unescape(PayloadBuffer answer, int start, int length)
    {
        answer.Reserve(length);
        int at = answer.Length;
        var reader = new Utf8JsonReader(answer.Span.Slice(start, length));
        reader.Read();
        int written = reader.CopyString(answer.GetSpan(length));
        answer.Advance(written);
        return new ByteRange(at, written);
    }
}

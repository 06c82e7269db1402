using System.Buffers;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Writes the header lines of an answer: single and multiple values in the order of the API's kind, cookies, and the
/// Content-Type that an answer without one gets. Framing is the gateway's. Loop thread; 0 bytes.
/// </summary>
internal static class AnswerFields
{
    private const int NameBytes = 256;

    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    /// <summary>False: a header is none that can be sent, or not of the shape that was agreed.</summary>
    public static bool TryWrite(
        CallScratch scratch, ReadOnlySpan<byte> json, in AnswerParts parts, FunctionEventFormat format)
    {
        bool hasType = false;
        // A REST API puts the multiple values first, an HTTP API the single ones.
        bool isGood = format == FunctionEventFormat.Rest
            ? TryMultiple(scratch, json, parts.MultiValueHeaders, format, ref hasType)
                && TrySingle(scratch, json, parts.Headers, format, ref hasType)
            : TrySingle(scratch, json, parts.Headers, format, ref hasType)
                && TryMultiple(scratch, json, parts.MultiValueHeaders, format, ref hasType);
        bool hasCookies = format is FunctionEventFormat.HttpApi2 or FunctionEventFormat.Url;
        if (!isGood || (hasCookies && !TryCookies(scratch, json, parts.Cookies)))
            return false;
        if (hasType) return true;
        scratch.Fields.Append(format switch
        {
            FunctionEventFormat.Rest or FunctionEventFormat.Url => "Content-Type: application/json\r\n"u8,
            FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue =>
                "Content-Type: application/octet-stream\r\n"u8,
            _ => "Content-Type: text/plain; charset=utf-8\r\n"u8,
        });
        return true;
    }

    private static bool TrySingle(
        CallScratch scratch, ReadOnlySpan<byte> json, int start, FunctionEventFormat format, ref bool hasType)
    {
        if (start == 0) return true;
        var reader = new Utf8JsonReader(json[start..]);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        Span<byte> name = stackalloc byte[NameBytes];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryName(ref reader, name, out int length)) return false;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            if (!TryLine(scratch, name[..length], ref reader, format, ref hasType)) return false;
        }
        return true;
    }

    private static bool TryMultiple(
        CallScratch scratch, ReadOnlySpan<byte> json, int start, FunctionEventFormat format, ref bool hasType)
    {
        if (start == 0) return true;
        var reader = new Utf8JsonReader(json[start..]);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        Span<byte> name = stackalloc byte[NameBytes];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryName(ref reader, name, out int length)) return false;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            if (reader.TokenType != JsonTokenType.StartArray) return false;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (!TryLine(scratch, name[..length], ref reader, format, ref hasType)) return false;
            }
        }
        return true;
    }

    private static bool TryCookies(CallScratch scratch, ReadOnlySpan<byte> json, int start)
    {
        if (start == 0) return true;
        var reader = new Utf8JsonReader(json[start..]);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        bool ignored = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!TryLine(scratch, "Set-Cookie"u8, ref reader, FunctionEventFormat.HttpApi2, ref ignored)) return false;
        }
        return true;
    }

    private static bool TryName(ref Utf8JsonReader reader, scoped Span<byte> name, out int length)
    {
        length = 0;
        if (reader.ValueSpan.Length is 0 or > NameBytes) return false;
        length = reader.CopyString(name);
        return !name[..length].ContainsAnyExcept(s_token);
    }

    private static bool TryLine(
        CallScratch scratch, scoped ReadOnlySpan<byte> name, ref Utf8JsonReader reader, FunctionEventFormat format,
        ref bool hasType)
    {
        bool isRest = format == FunctionEventFormat.Rest;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Null)
            return false;
        if (Ascii.EqualsIgnoreCase(name, "Content-Type"u8)) hasType = true;
        var fields = scratch.Fields;
        int start = fields.Length;
        if (IsOwn(name))
        {
            // The message's own framing is the gateway's; a REST API tells the function's under another name.
            if (!isRest || Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8)) return true;
            fields.Append("x-amzn-Remapped-"u8);
            fields.Append(name);
        }
        else if (isRest)
        {
            fields.Append(CasingOf(fields, name));
        }
        else if (format is FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue)
        {
            fields.Append(name);
        }
        else
        {
            AppendTitle(fields, name);
        }
        fields.Append(": "u8);
        int valueStart = fields.Length;
        if (reader.TokenType == JsonTokenType.String)
        {
            fields.Reserve(reader.ValueSpan.Length);
            fields.Advance(reader.CopyString(fields.GetSpan(reader.ValueSpan.Length)));
        }
        else
        {
            fields.Append(reader.ValueSpan);
        }
        if (fields.Span[valueStart..].IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
        {
            fields.Truncate(start);
            return false;
        }
        fields.Append("\r\n"u8);
        return true;
    }

    private static bool IsOwn(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Ascii.EqualsIgnoreCase(name, "Date"u8),
        6 => Ascii.EqualsIgnoreCase(name, "Server"u8),
        10 => Ascii.EqualsIgnoreCase(name, "Connection"u8) || Ascii.EqualsIgnoreCase(name, "Keep-Alive"u8),
        14 => Ascii.EqualsIgnoreCase(name, "Content-Length"u8),
        17 => Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8),
        7 => Ascii.EqualsIgnoreCase(name, "Upgrade"u8) || Ascii.EqualsIgnoreCase(name, "Trailer"u8),
        _ => false,
    };

    /// <summary>As the same name was written before: the multiple values' casing wins.</summary>
    private static ReadOnlySpan<byte> CasingOf(PayloadBuffer fields, ReadOnlySpan<byte> name)
    {
        var lines = fields.Span;
        while (lines.IndexOf((byte)':') is var colon and > 0)
        {
            if (Ascii.EqualsIgnoreCase(lines[..colon], name))
            {
                lines[..colon].CopyTo(fields.GetSpan(colon));
                return fields.GetSpan(colon)[..colon];
            }
            int end = lines.IndexOf((byte)'\n');
            if (end < 0) break;
            lines = lines[(end + 1)..];
        }
        return name;
    }

    /// <summary>HTTP APIs write the words of a name with a capital.</summary>
    private static void AppendTitle(PayloadBuffer fields, ReadOnlySpan<byte> name)
    {
        var span = fields.GetSpan(name.Length);
        bool isFirst = true;
        for (int at = 0; at < name.Length; at++)
        {
            byte letter = name[at];
            span[at] = isFirst && letter is >= (byte)'a' and <= (byte)'z' ? (byte)(letter - 32) : letter;
            isFirst = letter == '-';
        }
        fields.Advance(name.Length);
    }
}

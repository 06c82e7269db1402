using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// A request as the event a function gets of an API or a load balancer, straight into the invocation's buffer. Loop
/// thread; 0 bytes once the buffers have their size.
/// </summary>
internal static class EventWriter
{
    /// <summary><paramref name="body"/> must not be in the event's own buffer.</summary>
    public static void Write(
        CallScratch scratch, FunctionRoute route, Exchange exchange, Invocation invocation, ReadOnlySpan<byte> body)
    {
        EventFields.Collect(scratch, exchange, invocation, route, body.Length);
        var json = scratch.Json;
        json.Reset(invocation.Event);
        var now = exchange.Loop.Time.GetUtcNow();
        bool isTwo = route.Format is FunctionEventFormat.HttpApi2 or FunctionEventFormat.Url;
        if (route.IsAlb) EventWriterAlb.Write(scratch, route, exchange, body);
        else if (isTwo) EventWriter2.Write(scratch, route, exchange, now, body);
        else EventWriter1.Write(scratch, route, exchange, now, body);
        json.Flush();
    }

    /// <summary>An object of names with their values joined by commas, or with their last value.</summary>
    public static void WriteSingle(
        CallScratch scratch, ReadOnlySpan<byte> property, List<EventField> fields, bool joins, bool ignoresCase,
        bool lowers)
    {
        var json = scratch.Json;
        json.WriteStartObject(property);
        var all = CollectionsMarshal.AsSpan(fields);
        for (int index = 0; index < all.Length; index++)
        {
            ref var field = ref all[index];
            if (field.IsDone)
            {
                field.IsDone = false;
                continue;
            }
            var name = EventFields.Name(scratch, in field);
            scratch.Text.Truncate(0);
            scratch.Text.Append(EventFields.Value(scratch, in field));
            for (int later = index + 1; later < all.Length; later++)
            {
                if (!IsSame(scratch, name, in all[later], ignoresCase)) continue;
                all[later].IsDone = true;
                if (joins) scratch.Text.Append(","u8);
                else scratch.Text.Truncate(0);
                scratch.Text.Append(EventFields.Value(scratch, in all[later]));
            }
            WriteName(json, name, lowers);
            json.WriteStringValue(scratch.Text.Span);
        }
        json.WriteEndObject();
    }

    /// <summary>An object of names with lists of their values.</summary>
    public static void WriteMultiple(
        CallScratch scratch, ReadOnlySpan<byte> property, List<EventField> fields, bool ignoresCase, bool lowers)
    {
        var json = scratch.Json;
        json.WriteStartObject(property);
        var all = CollectionsMarshal.AsSpan(fields);
        for (int index = 0; index < all.Length; index++)
        {
            ref var field = ref all[index];
            if (field.IsDone)
            {
                field.IsDone = false;
                continue;
            }
            var name = EventFields.Name(scratch, in field);
            WriteName(json, name, lowers);
            json.WriteStartArray();
            json.WriteStringValue(EventFields.Value(scratch, in field));
            for (int later = index + 1; later < all.Length; later++)
            {
                if (!IsSame(scratch, name, in all[later], ignoresCase)) continue;
                all[later].IsDone = true;
                json.WriteStringValue(EventFields.Value(scratch, in all[later]));
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>The path's captures, percent-decoded unless this is a REST API.</summary>
    public static void WriteParameters(CallScratch scratch, FunctionRoute route, Exchange exchange)
    {
        var json = scratch.Json;
        json.WriteStartObject("pathParameters"u8);
        for (int index = 0; index < exchange.Match.Count && index < route.ParameterNames.Length; index++)
        {
            var value = exchange.Match.Captures[index].Of(exchange.CanonicalPath);
            if (route is { Format: FunctionEventFormat.Rest, GreedyAt: > 0 } && index == exchange.Match.Count - 1)
                value = RestPath.TailOf(PathOf(scratch, exchange, isDecoded: false), route.GreedyAt, value);
            scratch.Text.Truncate(0);
            if (route.Format == FunctionEventFormat.Rest) EventFields.AppendText(scratch.Text, value);
            else EventFields.AppendDecoded(scratch.Text, value, isQuery: false);
            json.WriteString(route.ParameterNames[index], scratch.Text.Span);
        }
        json.WriteEndObject();
    }

    /// <summary>Body and isBase64Encoded, the first only when there is a body or the format wants null.</summary>
    public static void WriteBody(
        CallScratch scratch, FunctionRoute route, Exchange exchange, ReadOnlySpan<byte> body, bool writesNull)
    {
        var json = scratch.Json;
        bool isText = body.IsEmpty || IsText(route, exchange, body);
        if (body.IsEmpty)
        {
            if (writesNull) json.WriteNull("body"u8);
        }
        else if (isText)
        {
            // What is no UTF-8 is replaced by U+FFFD, as a REST API does.
            json.WriteString("body"u8, body);
        }
        else
        {
            json.WriteBase64String("body"u8, body);
        }
        json.WriteBoolean("isBase64Encoded"u8, !isText);
    }

    /// <summary>The raw path, or with its escapes decoded.</summary>
    public static ReadOnlySpan<byte> PathOf(CallScratch scratch, Exchange exchange, bool isDecoded)
    {
        var raw = exchange.Request.PathRange.Of(exchange.HeadBytes);
        if (raw.IsEmpty) return "/"u8;
        if (!isDecoded) return raw;
        scratch.Text.Truncate(0);
        EventFields.AppendDecoded(scratch.Text, raw, isQuery: false);
        return scratch.Text.Span;
    }

    /// <summary>The first label of the host.</summary>
    public static ReadOnlySpan<byte> PrefixOf(ReadOnlySpan<byte> host)
    {
        int dot = host.IndexOf((byte)'.');
        return dot < 0 ? host : host[..dot];
    }

    /// <summary>12/Mar/2020:19:03:58 +0000.</summary>
    public static ReadOnlySpan<byte> TimeOf(CallScratch scratch, DateTimeOffset now)
    {
        ReadOnlySpan<byte> months = "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
        scratch.Text.Truncate(0);
        var text = scratch.Text.GetSpan(32);
        Put2(text, now.Day);
        text[2] = (byte)'/';
        months.Slice((now.Month - 1) * 3, 3).CopyTo(text[3..]);
        text[6] = (byte)'/';
        Utf8Formatter.TryFormat(now.Year, text[7..], out _);
        text[11] = (byte)':';
        Put2(text[12..], now.Hour);
        text[14] = (byte)':';
        Put2(text[15..], now.Minute);
        text[17] = (byte)':';
        Put2(text[18..], now.Second);
        " +0000"u8.CopyTo(text[20..]);
        return text[..26];
    }

    private static void Put2(Span<byte> text, int number)
    {
        text[0] = (byte)('0' + number / 10);
        text[1] = (byte)('0' + number % 10);
    }

    private static bool IsSame(CallScratch scratch, ReadOnlySpan<byte> name, in EventField other, bool ignoresCase)
    {
        if (other.IsDone || other.NameLength != name.Length) return false;
        var otherName = EventFields.Name(scratch, in other);
        return ignoresCase ? System.Text.Ascii.EqualsIgnoreCase(name, otherName) : name.SequenceEqual(otherName);
    }

    private static void WriteName(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool lowers)
    {
        if (!lowers || name.Length > 256)
        {
            json.WritePropertyName(name);
            return;
        }
        Span<byte> lower = stackalloc byte[name.Length];
        System.Text.Ascii.ToLower(name, lower, out _);
        json.WritePropertyName(lower);
    }

    /// <summary>A REST API has its own list of what is binary; an HTTP API goes by the type and the bytes.</summary>
    private static bool IsText(FunctionRoute route, Exchange exchange, ReadOnlySpan<byte> body)
    {
        if (route.Format != FunctionEventFormat.Rest) return IsText(exchange) && Utf8.IsValid(body);
        if (route.BinaryTypes is not { } types) return true;
        return !types.Takes(exchange.Request.TryFind(KnownHeader.ContentType, out var field)
            ? field.Value(exchange.HeadBytes)
            : "application/json"u8);
    }

    private static bool IsText(Exchange exchange)
    {
        var head = exchange.HeadBytes;
        if (exchange.Request.Has(KnownHeader.ContentEncoding)) return false;
        if (!exchange.Request.TryFind(KnownHeader.ContentType, out var field)) return true;
        var type = field.Value(head);
        int end = type.IndexOf((byte)';');
        if (end >= 0) type = type[..end];
        type = type.Trim((byte)' ');
        Span<byte> lower = stackalloc byte[128];
        if (type.Length > lower.Length) return false;
        System.Text.Ascii.ToLower(type, lower, out int length);
        var name = lower[..length];
        return name.StartsWith("text/"u8) || name.EndsWith("+json"u8) || name.EndsWith("+xml"u8)
            || name.SequenceEqual("application/json"u8) || name.SequenceEqual("application/xml"u8)
            || name.SequenceEqual("application/javascript"u8);
    }
}

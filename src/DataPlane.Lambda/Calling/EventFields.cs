using System.Text;
using System.Text.Unicode;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Http.Headers;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Collects the header fields and query parameters an event tells: valid UTF-8, connection fields left out, what
/// Lambda's gateways add put in. Loop thread; 0 bytes for ASCII.
/// </summary>
internal static class EventFields
{
    public static void Collect(
        CallScratch scratch, Exchange exchange, Invocation invocation, FunctionRoute route, long bodyLength)
    {
        scratch.Bytes.Truncate(0);
        scratch.Headers.Clear();
        scratch.Query.Clear();
        bool isRest = route.Format == FunctionEventFormat.Rest;
        var head = exchange.HeadBytes;
        bool isTrusted = exchange.Client.IsTrusted;
        foreach (ref readonly var field in exchange.Request.Fields)
        {
            if (Leaves(in field, head, isRest)) continue;
            if (exchange.RequestRules is { } rules && rules.Removes(field.Known, field.Name(head))) continue;
            bool isForwarded = field.Known is KnownHeader.XForwardedFor or KnownHeader.XForwardedProto
                or KnownHeader.XForwardedPort or KnownHeader.ForwardedAlias;
            if (isForwarded && (!isTrusted || field.Known == KnownHeader.XForwardedFor)) continue;
            Add(scratch, scratch.Headers, field.Name(head), field.Value(head));
        }
        // A body in chunks has a length by now, which its reader expects to be told.
        if (!isRest && exchange.Body.Length < 0 && bodyLength > 0) AddNumber(scratch, "Content-Length"u8, bodyLength);
        AddForwarded(scratch, exchange, isTrusted);
        if (!invocation.Trace.IsEmpty)
        {
            var root = invocation.Trace;
            int end = root.IndexOf((byte)';');
            Add(scratch, scratch.Headers, "X-Amzn-Trace-Id"u8, end < 0 ? root : root[..end]);
        }
        if (exchange.RequestRules is { } changes) AddRules(scratch, exchange, changes);
        // A load balancer leaves the query's escapes to the function.
        CollectQuery(scratch, exchange, decodes: !route.IsAlb);
    }

    public static ReadOnlySpan<byte> Name(CallScratch scratch, in EventField field) =>
        scratch.Bytes.Span.Slice(field.NameStart, field.NameLength);

    public static ReadOnlySpan<byte> Value(CallScratch scratch, in EventField field) =>
        scratch.Bytes.Span.Slice(field.ValueStart, field.ValueLength);

    /// <summary>Bytes as text that JSON takes: what is not UTF-8 is read as Latin-1.</summary>
    public static void AppendText(PayloadBuffer into, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) into.Append(bytes);
        else into.Append(Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes)));
    }

    /// <summary>%XX decoded, and + as a space in a query; what is no UTF-8 then, replaced.</summary>
    public static void AppendDecoded(PayloadBuffer into, ReadOnlySpan<byte> bytes, bool isQuery)
    {
        int start = into.Length;
        into.Reserve(bytes.Length);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte value = bytes[at];
            if (value == '%' && at + 2 < bytes.Length && HexOf(bytes[at + 1]) is var high and >= 0
                && HexOf(bytes[at + 2]) is var low and >= 0)
            {
                value = (byte)((high << 4) | low);
                at += 2;
            }
            else if (value == '+' && isQuery)
            {
                value = (byte)' ';
            }
            into.GetSpan(1)[0] = value;
            into.Advance(1);
        }
        var decoded = into.Span[start..];
        if (Utf8.IsValid(decoded)) return;
        byte[] replaced = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(decoded));
        into.Truncate(start);
        into.Append(replaced);
    }

    private static int HexOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };

    private static bool Leaves(in HeaderField field, ReadOnlySpan<byte> head, bool isRest)
    {
        if (field.HopByHop) return true;
        switch (field.Known)
        {
            case KnownHeader.TransferEncoding or KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.Te
                or KnownHeader.Trailer or KnownHeader.Upgrade or KnownHeader.Expect or KnownHeader.ProxyAuthenticate
                or KnownHeader.ProxyConnection or KnownHeader.Http2Settings:
                return true;
            case KnownHeader.ContentLength or KnownHeader.Server or KnownHeader.WwwAuthenticate:
                return isRest;
            case KnownHeader.Other when isRest:
                var name = field.Name(head);
                return Ascii.EqualsIgnoreCase(name, "Content-MD5"u8)
                    || Ascii.EqualsIgnoreCase(name, "Max-Forwards"u8);
            default:
                // Only the gateway says where a trace goes on.
                return Ascii.EqualsIgnoreCase(field.Name(head), "X-Amzn-Trace-Id"u8);
        }
    }

    private static void AddForwarded(CallScratch scratch, Exchange exchange, bool isTrusted)
    {
        var head = exchange.HeadBytes;
        scratch.Text.Truncate(0);
        if (isTrusted)
        {
            foreach (ref readonly var field in exchange.Request.Fields)
            {
                if (field.Known != KnownHeader.XForwardedFor || field.ValueLength == 0) continue;
                AppendText(scratch.Text, field.Value(head));
                scratch.Text.Append(", "u8);
            }
        }
        scratch.Text.Append(exchange.Client.Utf8);
        Add(scratch, scratch.Headers, "X-Forwarded-For"u8, scratch.Text.Span);
        if (!isTrusted || !exchange.Request.Has(KnownHeader.XForwardedPort))
            AddNumber(scratch, "X-Forwarded-Port"u8, exchange.Listener.Port);
        if (!isTrusted || !exchange.Request.Has(KnownHeader.XForwardedProto))
        {
            var scheme = exchange.Facts?.Tls is null ? "http"u8 : "https"u8;
            Add(scratch, scratch.Headers, "X-Forwarded-Proto"u8, scheme);
        }
    }

    private static void AddNumber(CallScratch scratch, ReadOnlySpan<byte> name, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(number, digits, out int length);
        Add(scratch, scratch.Headers, name, digits[..length]);
    }

    private static void AddRules(CallScratch scratch, Exchange exchange, Gateway.Pipeline.Headers.HeaderRules rules)
    {
        var input = TemplateInputs.Of(exchange);
        int written;
        while (!TemplateInputs.Fits(written = rules.Write(in input, exchange.Scratch))) exchange.GrowScratch();
        var lines = exchange.Scratch.AsSpan(0, written);
        while (lines.IndexOf("\r\n"u8) is var end and > 0)
        {
            int colon = lines.IndexOf((byte)':');
            Add(scratch, scratch.Headers, lines[..colon], lines[(colon + 2)..end]);
            lines = lines[(end + 2)..];
        }
    }

    private static void CollectQuery(CallScratch scratch, Exchange exchange, bool decodes)
    {
        var query = exchange.Request.QueryRange.Of(exchange.HeadBytes);
        while (!query.IsEmpty)
        {
            int end = query.IndexOf((byte)'&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (pair.IsEmpty) continue;
            int equals = pair.IndexOf((byte)'=');
            var field = new EventField { NameStart = scratch.Bytes.Length };
            AppendQuery(scratch.Bytes, equals < 0 ? pair : pair[..equals], decodes);
            field.NameLength = scratch.Bytes.Length - field.NameStart;
            field.ValueStart = scratch.Bytes.Length;
            if (equals >= 0) AppendQuery(scratch.Bytes, pair[(equals + 1)..], decodes);
            field.ValueLength = scratch.Bytes.Length - field.ValueStart;
            scratch.Query.Add(field);
        }
    }

    private static void AppendQuery(PayloadBuffer into, ReadOnlySpan<byte> bytes, bool decodes)
    {
        if (decodes) AppendDecoded(into, bytes, isQuery: true);
        else AppendText(into, bytes);
    }

    private static void Add(
        CallScratch scratch, List<EventField> into, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var field = new EventField { NameStart = scratch.Bytes.Length, NameLength = name.Length };
        scratch.Bytes.Append(name);
        field.ValueStart = scratch.Bytes.Length;
        AppendText(scratch.Bytes, value);
        field.ValueLength = scratch.Bytes.Length - field.ValueStart;
        into.Add(field);
    }
}

using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// Writes the key of a request: the URL as it is forwarded, a line feed, the route's space, and what else the policy
/// names. No byte that the upstream decides by is left out, and none is brought into another form than the upstream
/// gets, but for the host's case. 0 bytes.
/// </summary>
internal static class CacheKey
{
    /// <summary>False when there is no room: such a request is not cached.</summary>
    public static bool TryWrite(
        Exchange exchange, CacheRules rules, Span<byte> destination, out int urlLength, out int length)
    {
        length = urlLength = 0;
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        var consumer = ConsumerOf(exchange, rules);
        // Half of it may be needed for what Vary names.
        if (request.HeadLength + rules.Space.Length + consumer.Length + 64 > destination.Length / 2) return false;
        var writer = new HeadWriter(destination);
        bool isTrusted = exchange.Client.IsTrusted;
        bool hasProto = isTrusted && request.TryFind(KnownHeader.XForwardedProto, out _);
        request.TryFind(KnownHeader.XForwardedProto, out var proto);
        if (hasProto) writer.Put(proto.Value(head));
        else writer.Put(exchange.Facts?.Tls is null ? "http"u8 : "https"u8);
        WriteTarget(ref writer, exchange, rules);
        urlLength = writer.Length;
        writer.Put((byte)'\n');
        writer.Put(rules.Space);
        if (isTrusted) WriteForwarded(ref writer, exchange);
        if (!consumer.IsEmpty)
        {
            // No field's value has such a byte, so it cannot be taken for one.
            writer.Put((byte)1);
            writer.Put(consumer);
        }
        length = writer.Length;
        if (rules.FieldNames.Length == 0) return true;
        destination[length++] = (byte)'\n';
        if (!Selection.TryWriteValues(rules.FieldNames, request, head, destination[length..], out int written))
            return false;
        length += written;
        return true;
    }

    /// <summary>Adds what the request has under the names of a selector.</summary>
    public static bool TryAddSelection(
        Exchange exchange, ReadOnlySpan<byte> names, Span<byte> destination, ref int length)
    {
        if (destination.Length == length) return false;
        destination[length++] = 0x0b;
        bool fits = Selection.TryWriteValues(
            names, exchange.Request, exchange.HeadBytes, destination[length..], out int written);
        length += written;
        return fits;
    }

    /// <summary>Everything from behind the scheme to the end of the query.</summary>
    private static void WriteTarget(ref HeadWriter writer, Exchange exchange, CacheRules rules)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        writer.Put("://"u8);
        var host = request.HostRange.Of(head);
        Ascii.ToLower(host, writer.Rest, out int lowered);
        writer.Advance(lowered);
        if (request.PathRange.IsEmpty) writer.Put((byte)'/');
        else writer.Put(request.PathRange.Of(head));
        if (!request.HasQuery) return;
        var query = request.QueryRange.Of(head);
        if (rules.QueryNames is null || !QueryPart.TryWrite(ref writer, query, rules.QueryNames))
        {
            writer.Put((byte)'?');
            writer.Put(query);
        }
    }

    /// <summary>What tells the client from others by its certificate; empty for nothing.</summary>
    private static ReadOnlySpan<byte> ConsumerOf(Exchange exchange, CacheRules rules)
    {
        if (!rules.ByConsumer && !rules.ByCertificate) return default;
        if (exchange.Facts?.Tls?.Certificate is not { } certificate) return default;
        return rules.ByCertificate ? certificate.ForwardedUtf8 : certificate.ConsumerUtf8;
    }

    // A trusted proxy's word is passed on, and upstreams make links of it.
    private static void WriteForwarded(ref HeadWriter writer, Exchange exchange)
    {
        var request = exchange.Request;
        foreach (ref readonly var field in request.Fields)
        {
            bool isKept = field.Known is KnownHeader.XForwardedHost or KnownHeader.XForwardedPort
                || (field.Known == KnownHeader.Other
                    && Ascii.EqualsIgnoreCase(field.Name(exchange.HeadBytes), "x-forwarded-client-cert"u8));
            if (!isKept) continue;
            writer.Put((byte)'\n');
            writer.Put(field.Value(exchange.HeadBytes));
        }
    }
}

using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// X-Forwarded-For, -Proto, -Host, -Port and Forwarded (RFC 7239). What a trusted proxy sent is continued; what anybody
/// else sent was dropped and starts here. 0 bytes.
/// </summary>
internal static class ForwardedFields
{
    public static void Write(ref HeadWriter writer, Exchange exchange, ForwardingSettings forwarding)
    {
        if (forwarding.WritesXForwarded) WriteXForwarded(ref writer, exchange);
        if (forwarding.WritesForwarded) WriteForwarded(ref writer, exchange);
        if (forwarding.ClientCertificate && exchange.Facts?.Tls?.Certificate is { } certificate)
            PutField(ref writer, "X-Forwarded-Client-Cert: "u8, certificate.ForwardedUtf8);
    }

    private static void WriteXForwarded(ref HeadWriter writer, Exchange exchange)
    {
        var request = exchange.Request;
        var host = request.HostRange;
        bool isContinued = exchange.Client.IsTrusted && HasXForwarded(request);
        if (isContinued || host.IsEmpty || exchange.Facts is not null)
        {
            ContinueXForwarded(ref writer, exchange);
            return;
        }
        // A cleartext connection with nothing in front of it.
        writer.Put("X-Forwarded-For: "u8);
        writer.Put(exchange.Client.Utf8);
        writer.Put("\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "u8);
        writer.Put(host.Of(exchange.HeadBytes));
        writer.Put(exchange.Listener.ForwardedPort);
    }

    private static bool HasXForwarded(RequestHead request) =>
        request.Has(KnownHeader.XForwardedFor) || request.Has(KnownHeader.XForwardedProto)
        || request.Has(KnownHeader.XForwardedHost) || request.Has(KnownHeader.XForwardedPort);

    private static void ContinueXForwarded(ref HeadWriter writer, Exchange exchange)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        bool trusted = exchange.Client.IsTrusted;
        writer.Put("X-Forwarded-For: "u8);
        if (trusted && request.Has(KnownHeader.XForwardedFor)) PutAll(ref writer, exchange, KnownHeader.XForwardedFor);
        writer.Put(exchange.Client.Utf8);
        writer.Put("\r\nX-Forwarded-Proto: "u8);
        writer.Put(trusted && request.TryFind(KnownHeader.XForwardedProto, out var proto)
            ? proto.Value(head)
            : SchemeOf(exchange));
        writer.Put("\r\n"u8);
        if (trusted && request.TryFind(KnownHeader.XForwardedHost, out var host))
        {
            PutField(ref writer, "X-Forwarded-Host: "u8, host.Value(head));
        }
        else if (!request.HostRange.IsEmpty)
        {
            PutField(ref writer, "X-Forwarded-Host: "u8, request.HostRange.Of(head));
        }
        if (trusted && request.TryFind(KnownHeader.XForwardedPort, out var port))
        {
            PutField(ref writer, "X-Forwarded-Port: "u8, port.Value(head));
        }
        else if (PortOf(exchange) is > 0 and var listening)
        {
            writer.Put("X-Forwarded-Port: "u8);
            writer.PutNumber(listening);
            writer.Put("\r\n"u8);
        }
    }

    /// <summary>Where the client connected to: a balancer in front may have told.</summary>
    private static int PortOf(Exchange exchange) =>
        exchange.Facts?.Proxy?.Destination?.Port ?? exchange.Listener.Port;

    private static void WriteForwarded(ref HeadWriter writer, Exchange exchange)
    {
        var request = exchange.Request;
        writer.Put("Forwarded: "u8);
        if (exchange.Client.IsTrusted) PutAll(ref writer, exchange, KnownHeader.Forwarded);
        writer.Put("for="u8);
        // Section 6: an IPv6 address is quoted and in brackets; what is no address is an obfuscated identifier.
        if (exchange.Client.Address is null) writer.Put("_unix"u8);
        else if (exchange.Client.IsIPv6) PutQuoted(ref writer, "\"["u8, exchange.Client.Utf8, "]\""u8);
        else writer.Put(exchange.Client.Utf8);
        if (!request.HostRange.IsEmpty)
        {
            PutQuoted(ref writer, ";host=\""u8, request.HostRange.Of(exchange.HeadBytes), "\""u8);
        }
        writer.Put(";proto="u8);
        writer.Put(SchemeOf(exchange));
        writer.Put("\r\n"u8);
    }

    private static ReadOnlySpan<byte> SchemeOf(Exchange exchange) =>
        exchange.Facts?.Tls is null ? "http"u8 : "https"u8;

    private static void PutAll(ref HeadWriter writer, Exchange exchange, KnownHeader known)
    {
        var head = exchange.HeadBytes;
        foreach (ref readonly var field in exchange.Request.Fields)
        {
            if (field.Known != known || field.ValueLength == 0) continue;
            writer.Put(field.Value(head));
            writer.Put(", "u8);
        }
    }

    private static void PutQuoted(
        ref HeadWriter writer, ReadOnlySpan<byte> open, ReadOnlySpan<byte> value, ReadOnlySpan<byte> close)
    {
        writer.Put(open);
        writer.Put(value);
        writer.Put(close);
    }

    private static void PutField(ref HeadWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        writer.Put(name);
        writer.Put(value);
        writer.Put("\r\n"u8);
    }
}

using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Brings the head of an HTTP/2 request before the parser of HTTP/1.1 heads: one parser, one canonical path, one table
/// of faults for both. Loop thread.
/// </summary>
internal static class Http2HeadReader
{
    /// <summary>
    /// Complete, or Invalid: then the request has its fault. An extended CONNECT has a <paramref name="protocol"/>.
    /// </summary>
    public static ParseStatus Read(
        Exchange exchange, IHttpRequestFeature request, string? protocol, bool hasBody, HeadLimits limits)
    {
        int bytes = DataPlane.Gateway.Limits.InitialHeadBytes;
        while (true)
        {
            var head = exchange.Loop.Slabs.Rent(bytes);
            exchange.TakeHead(head);
            // One byte more than the limit is enough for the parser to say so.
            var writer = new Http2HeadWriter(head.AsSpan(0, Math.Min(head.Length, limits.HeadBytes + 1)));
            Write(ref writer, request, protocol, hasBody);
            if (writer.Fault != RequestFault.None)
            {
                exchange.Request.Refuse(writer.Fault);
                return ParseStatus.Invalid;
            }
            if (!writer.IsCut || writer.Length > limits.HeadBytes)
            {
                return Parse(exchange, head.AsSpan(0, writer.Length), writer.Crumbs, in limits);
            }
            exchange.Loop.Slabs.Return(exchange.ReleaseHead());
            bytes = Math.Min(head.Length * 2, Math.Max(limits.HeadBytes + 1, head.Length + 1));
        }
    }

    private static void Write(
        ref Http2HeadWriter writer, IHttpRequestFeature request, string? protocol, bool hasBody)
    {
        // To everybody behind this point a WebSocket begins as in HTTP/1.1 (RFC 8441 5).
        writer.PutRequestLine(protocol is null ? request.Method : "GET", request.Scheme, request.RawTarget);
        if (protocol is not null) writer.PutUpgrade(protocol);
        var fields = request.Headers;
        foreach (var (name, values) in fields)
        {
            if (protocol is not null && name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase)) continue;
            if (values.Count == 1)
            {
                writer.PutField(name, values.ToString());
                continue;
            }
            for (int each = 0; each < values.Count; each++) writer.PutField(name, values[each] ?? "");
        }
        writer.Finish(isChunked: hasBody && fields.ContentLength is null);
    }

    private static ParseStatus Parse(Exchange exchange, ReadOnlySpan<byte> head, int crumbs, in HeadLimits limits)
    {
        var counted = crumbs == 0 ? limits : limits with { FieldCount = Math.Max(0, limits.FieldCount - crumbs) };
        var status = RequestHeadParser.Parse(head, exchange.Request, in counted);
        if (status != ParseStatus.Incomplete) return status;
        exchange.Request.Refuse(RequestFault.HeadTooLarge);
        return ParseStatus.Invalid;
    }
}

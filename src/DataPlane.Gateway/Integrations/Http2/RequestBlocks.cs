using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;
using DataPlane.Http.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Writes the head of a request as a header block. It is rendered by <see cref="UpstreamRequestWriter"/>, as for
/// HTTP/1.1, and taken apart again: one place decides what an upstream is sent. Loop thread; 0 bytes.
/// </summary>
internal static class RequestBlocks
{
    /// <summary>What HTTP/2 adds to the fields: scheme, te, and what begins a connection's first block.</summary>
    private const int OwnBytes = 64;

    /// <summary>
    /// Completed; or, with nothing sent, UpstreamClosed when the connection takes no streams any more, and
    /// RequestHeadTooLarge when the upstream would not take the fields.
    /// </summary>
    public static ExchangeOutcome Send(
        Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite, Http2Call call, bool endsStream)
    {
        var stream = call.Stream!;
        if (stream.IsGone) return ExchangeOutcome.UpstreamClosed;
        if (exchange.Trace.IsSampled) exchange.Trace.BeginTry(endpoint, exchange.Loop.NowTimestamp);
        byte[] head = exchange.Loop.Slabs.Rent(UpstreamRequestWriter.Bound(exchange, endpoint, rewrite));
        int length = Render(exchange, endpoint, rewrite, ref head);
        bool takesTrailers = call.Kind != GrpcKind.None || exchange.Request.TakesTrailers(exchange.HeadBytes);
        ReadOnlySpan<byte> lines = head.AsSpan(0, length);
        int fields = lines.Count((byte)'\n') + 4;
        var writer = new HpackWriter(stream.Connection.ReserveBlock(HpackWriter.Bound(length + OwnBytes, fields)));
        if (stream.Connection.IsFresh) writer.PutNoTable();
        Write(ref writer, lines, endpoint.Tls is not null, call.Kind);
        // RFC 9113 8.2.2: the one thing TE may say. Servers take a gRPC call without it for one through an old proxy.
        if (takesTrailers) writer.PutField(KnownHeader.Te, "te"u8, "trailers"u8);
        exchange.Loop.Slabs.Return(head);
        if (!stream.Connection.Takes(writer.Length, fields)) return ExchangeOutcome.RequestHeadTooLarge;
        return stream.Connection.TrySendBlock(stream, writer.Length, endsStream)
            ? ExchangeOutcome.Completed
            : ExchangeOutcome.UpstreamClosed;
    }

    /// <summary>
    /// Ends the request with fields behind its body, unless the stream is gone, or goes because the upstream would not
    /// take them: without them the request would look complete.
    /// </summary>
    public static void SendTrailers(UpstreamStream stream, TrailerFields trailers)
    {
        if (stream.IsGone) return;
        var lines = trailers.Lines;
        var writer = new HpackWriter(
            stream.Connection.ReserveBlock(HpackWriter.Bound(lines.Length, trailers.Count)));
        while (TrailerFields.TryTake(ref lines, out var name, out var value))
            writer.PutField(KnownHeaders.Identify(name), name, value);
        if (stream.Connection.Takes(writer.Length, trailers.Count))
            stream.Connection.TrySendBlock(stream, writer.Length, endsStream: true);
        else
            stream.Connection.Abandon(stream, Http2ErrorCode.Cancel, ExchangeOutcome.RequestHeadTooLarge);
    }

    private static int Render(
        Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite, ref byte[] head)
    {
        while (true)
        {
            var writer = new HeadWriter(head);
            if (UpstreamRequestWriter.TryRender(ref writer, exchange, endpoint, rewrite)) return writer.Length;
            var slabs = exchange.Loop.Slabs;
            int larger = head.Length * 2;
            slabs.Return(head);
            head = slabs.Rent(larger);
        }
    }

    private static void Write(ref HpackWriter writer, ReadOnlySpan<byte> head, bool isTls, GrpcKind kind)
    {
        int lineEnd = head.IndexOf("\r\n"u8);
        var line = head[..lineEnd];
        int methodEnd = line.IndexOf((byte)' ');
        WriteMethod(ref writer, line[..methodEnd]);
        writer.PutIndexed(isTls ? HpackStaticTable.SchemeHttps : HpackStaticTable.SchemeHttp);
        var target = line[(methodEnd + 1)..^" HTTP/1.1".Length];
        if (target is [(byte)'/']) writer.PutIndexed(HpackStaticTable.Path);
        else writer.PutNamed(HpackStaticTable.Path, target);
        var fields = head[(lineEnd + 2)..^2];
        // What describes the request comes before its fields.
        var rest = fields;
        while (TryTake(ref rest, out var name, out var value))
        {
            if (KnownHeaders.Identify(name) != KnownHeader.Host) continue;
            writer.PutNamed(HpackStaticTable.Authority, value);
            break;
        }
        while (TryTake(ref fields, out var name, out var value))
        {
            var known = KnownHeaders.Identify(name);
            switch (known)
            {
                case KnownHeader.Host or KnownHeader.TransferEncoding:
                // Of text its length is known, not that of what it says.
                case KnownHeader.ContentLength when kind == GrpcKind.WebText:
                    break;
                case KnownHeader.ContentType when GrpcWeb.Speaks(kind):
                    writer.PutField(known, name, "application/grpc"u8, value[GrpcKinds.Type(kind).Length..]);
                    break;
                default:
                    if (!IsAboutConnections(known)) writer.PutField(known, name, value);
                    break;
            }
        }
    }

    /// <summary>A header rule may have set one; in HTTP/2 it would make the request malformed.</summary>
    private static bool IsAboutConnections(KnownHeader known) => known
        is KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.Upgrade
        or KnownHeader.Te or KnownHeader.Http2Settings;

    private static void WriteMethod(ref HpackWriter writer, ReadOnlySpan<byte> method)
    {
        if (method.SequenceEqual("GET"u8)) writer.PutIndexed(HpackStaticTable.MethodGet);
        else if (method.SequenceEqual("POST"u8)) writer.PutIndexed(HpackStaticTable.MethodPost);
        else writer.PutNamed(HpackStaticTable.MethodGet, method);
    }

    private static bool TryTake(
        ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        int end = lines.IndexOf((byte)'\n');
        if (end < 0) return false;
        int colon = lines.IndexOf((byte)':');
        name = lines[..colon];
        value = lines[(colon + 1)..(end - 1)].Trim((byte)' ');
        lines = lines[(end + 1)..];
        return true;
    }
}

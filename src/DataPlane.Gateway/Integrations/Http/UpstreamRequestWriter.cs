using System.IO.Pipelines;
using System.Text;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// The single place that writes a request head to an upstream: HTTP/1.1, one Host, our own framing, forwarded fields by
/// configuration, everything else as the client sent it. 0 bytes.
/// </summary>
internal static class UpstreamRequestWriter
{
    /// <summary>
    /// Request line ends, framing, forwarded fields apart from what they quote: bounded by their texts.
    /// </summary>
    private const int OwnBytes = 896;

    private static ReadOnlySpan<byte> VersionAndEnd => " HTTP/1.1\r\n"u8;

    public static void Write(PipeWriter output, Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite)
    {
        if (exchange.Trace.IsSampled) exchange.Trace.BeginTry(endpoint, exchange.Loop.NowTimestamp);
        int bound = Bound(exchange, endpoint, rewrite);
        while (true)
        {
            var writer = new HeadWriter(output.GetSpan(bound));
            if (TryRender(ref writer, exchange, endpoint, rewrite))
            {
                output.Advance(writer.Length);
                return;
            }
            bound *= 2;
        }
    }

    /// <summary>The head as text, for people. Cold.</summary>
    public static string Text(Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite)
    {
        for (int bound = Bound(exchange, endpoint, rewrite); ; bound *= 2)
        {
            byte[] bytes = new byte[bound];
            var writer = new HeadWriter(bytes);
            if (TryRender(ref writer, exchange, endpoint, rewrite))
                return Encoding.Latin1.GetString(bytes, 0, writer.Length);
        }
    }

    /// <summary>Bytes that nearly every head fits; one that does not is rendered again into twice as many.</summary>
    public static int Bound(Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite)
    {
        // The host may stand in three fields, and what a trusted proxy wrote is repeated; a rewrite needs room of its
        // own.
        var request = exchange.Request;
        int bound = OwnBytes + request.HeadLength * 3 + FieldCopier.Growth(request.FieldCount)
            + endpoint.AuthorityUtf8.Length + (exchange.Conditions?.Lines.Length ?? 0)
            + (exchange.Facts?.Tls?.Certificate?.ForwardedUtf8.Length ?? 0);
        return rewrite is null ? bound : bound * 2;
    }

    /// <summary>False when <paramref name="writer"/> has too little room for what templates made.</summary>
    public static bool TryRender(
        ref HeadWriter writer, Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        var rules = exchange.RequestRules;
        var forwarding = exchange.Snapshot.Forwarding;
        if (!TryPutRequestLine(ref writer, exchange, rewrite)) return false;
        if (rules is null || !rules.Removes(KnownHeader.Host, "host"u8))
        {
            writer.Put("Host: "u8);
            writer.Put(request.HostRange.IsEmpty ? endpoint.AuthorityUtf8 : request.HostRange.Of(head));
            writer.Put("\r\n"u8);
        }
        var filter = new RequestFieldFilter(exchange);
        FieldCopier.Copy(ref writer, head, request.Fields, ref filter);
        if (exchange.Conditions is { } conditions) writer.Put(conditions.Lines);
        ForwardedFields.Write(ref writer, exchange, forwarding);
        if (forwarding.RequestId && (rules is null || !rules.Removes(KnownHeader.XRequestId, "x-request-id"u8)))
        {
            writer.Put("X-Request-Id: "u8);
            writer.Put(exchange.RequestId);
            writer.Put("\r\n"u8);
        }
        if (forwarding.TraceContext) exchange.Trace.WriteParent(ref writer);
        if (forwarding.XRay)
        {
            writer.Put("X-Amzn-Trace-Id: "u8);
            exchange.Trace.WriteXRay(ref writer);
            writer.Put("\r\n"u8);
        }
        if (forwarding.Via.Length > 0) writer.Put(forwarding.Via);
        if (exchange.Upgrade is { } upgrade) writer.Put(upgrade.Protocol.Fields);
        else PutFraming(ref writer, request);
        if (rules is not null)
        {
            var input = TemplateInputs.Of(exchange);
            if (writer.Rest.Length < 2) return false;
            int written = rules.Write(in input, writer.Rest[..^2]);
            if (!TemplateInputs.Fits(written)) return false;
            writer.Advance(written);
        }
        writer.Put("\r\n"u8);
        return true;
    }

    private static bool TryPutRequestLine(ref HeadWriter writer, Exchange exchange, CompiledTemplate? rewrite)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        if (rewrite is null && request.Form == TargetForm.Origin && request.VersionMinor == 1)
        {
            // The client's own line says what ours would, byte for byte.
            writer.Put(head[request.MethodRange.Start..(request.TargetRange.End + VersionAndEnd.Length)]);
            return true;
        }
        writer.Put(request.MethodRange.Of(head));
        writer.Put((byte)' ');
        if (!TryPutTarget(ref writer, exchange, rewrite)) return false;
        writer.Put(VersionAndEnd);
        return true;
    }

    private static bool TryPutTarget(ref HeadWriter writer, Exchange exchange, CompiledTemplate? rewrite)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        if (rewrite is null)
        {
            // The client's own bytes, so that an upstream sees the encoding it was called with.
            if (request.PathRange.IsEmpty) writer.Put((byte)'/');
            else writer.Put(request.PathRange.Of(head));
        }
        else
        {
            var input = TemplateInputs.Of(exchange);
            int written = rewrite.Render(in input, writer.Rest);
            int needed = (request.HeadLength * 3) + OwnBytes;
            if (!TemplateInputs.Fits(written) || writer.Rest.Length - written < needed) return false;
            bool hasQuery = writer.Rest[..written].Contains((byte)'?');
            writer.Advance(written);
            if (hasQuery) return true;
        }
        if (!request.HasQuery) return true;
        writer.Put((byte)'?');
        writer.Put(request.QueryRange.Of(head));
        return true;
    }

    private static void PutFraming(ref HeadWriter writer, RequestHead request)
    {
        switch (request.Framing)
        {
            case BodyFraming.Chunked:
                writer.Put("Transfer-Encoding: chunked\r\n"u8);
                break;
            case BodyFraming.Length:
                writer.Put("Content-Length: "u8);
                writer.PutNumber(request.ContentLength);
                writer.Put("\r\n"u8);
                break;
        }
    }
}

using System.IO.Pipelines;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Http;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The single place that writes a response head. Framing and connection fields are always ours; of a received head
/// everything else is passed on unless a rule removes it. 0 bytes.
/// </summary>
internal static class ResponseHeadWriter
{
    /// <summary>Status line, Date, framing, Connection and Via: bounded by their texts.</summary>
    private const int OwnBytes = 512;

    public static int Write(
        PipeWriter output, Exchange exchange, DateField date, bool writesLength, bool chunked, bool closes)
    {
        int bound = BoundOf(exchange);
        while (true)
        {
            int written = TryWrite(output.GetSpan(bound), exchange, date, writesLength, chunked, closes);
            if (written > 0)
            {
                output.Advance(written);
                return written;
            }
            bound = LargerBound(bound, exchange);
        }
    }

    /// <summary>Bytes that are enough, but for templates.</summary>
    public static int BoundOf(Exchange exchange)
    {
        var draft = exchange.Response;
        int bound = OwnBytes + draft.Fields.Length + draft.Location.Length + (draft.Allow?.Length ?? 0)
            + draft.Limit.Bound + draft.Cache.Bound + exchange.Snapshot.Forwarding.Via.Length;
        if (IsStored(draft)) bound += draft.Stored.Length;
        else if (draft.Upstream is { } upstream) bound += upstream.HeadLength + FieldCopier.Growth(upstream.FieldCount);
        return bound;
    }

    /// <summary>Only templates can outgrow a bound: their values come from the request.</summary>
    public static int LargerBound(int bound, Exchange exchange) => bound * 2 + exchange.HeadBytes.Length;

    /// <summary>The head's bytes, or 0 when they do not fit; the destination has at least the bound.</summary>
    public static int TryWrite(
        Span<byte> destination, Exchange exchange, DateField date, bool writesLength, bool chunked, bool closes)
    {
        var writer = new HeadWriter(destination);
        Render(ref writer, exchange, date, writesLength, chunked, closes);
        if (exchange.Response.Rules is { } rules && !TryApply(ref writer, exchange, rules)) return 0;
        writer.Put("\r\n"u8);
        return writer.Length;
    }

    private static void Render(
        ref HeadWriter writer, Exchange exchange, DateField date, bool writesLength, bool chunked, bool closes)
    {
        var draft = exchange.Response;
        if (IsStored(draft)) CopyStored(ref writer, draft);
        else if (draft.Upstream is { } upstream) CopyUpstream(ref writer, draft, upstream, date);
        else RenderOwn(ref writer, draft, date);
        if (draft.Allow is { } allow)
        {
            writer.Put("Allow: "u8);
            writer.Put(allow);
            writer.Put("\r\n"u8);
        }
        if (draft.Limit.Bound > 0) draft.Limit.Write(ref writer);
        if (draft.Cache.Bound > 0) draft.Cache.Write(ref writer);
        var via = exchange.Snapshot.Forwarding.Via;
        if (via.Length > 0) writer.Put(via);
        if (writesLength)
        {
            writer.Put("Content-Length: "u8);
            writer.PutNumber(draft.BodyLength);
            writer.Put("\r\n"u8);
        }
        else if (chunked)
        {
            writer.Put("Transfer-Encoding: chunked\r\n"u8);
        }
        // HTTP/2 has no such field, and a head that was refused there no version.
        if (exchange.IsHttp2) return;
        if (draft.StatusCode == 101 && exchange.Upgrade is { } upgrade) writer.Put(upgrade.Protocol.Fields);
        if (closes) writer.Put("Connection: close\r\n"u8);
        else if (exchange.Request.VersionMinor == 0) writer.Put("Connection: keep-alive\r\n"u8);
    }

    /// <summary>No rule asks for the fields of a stored head one by one.</summary>
    private static bool IsStored(ResponseDraft draft) => draft.Rules is null && !draft.Stored.IsEmpty;

    private static void CopyStored(ref HeadWriter writer, ResponseDraft draft)
    {
        var head = draft.Stored;
        int lineEnd = head.IndexOf((byte)'\n') + 1;
        // A line as long as this has no reason in it.
        bool isSaid = draft.StatusCode == draft.StoredStatusCode && lineEnd > "HTTP/1.1 200 \r\n".Length;
        if (!isSaid) writer.Put(StatusLines.Of(draft.StatusCode));
        writer.Put(isSaid ? head : head[lineEnd..]);
    }

    private static void CopyUpstream(
        ref HeadWriter writer, ResponseDraft draft, Http.Responses.ResponseHead upstream, DateField date)
    {
        ReadOnlySpan<byte> head = draft.UpstreamBytes.AsSpan(0, upstream.HeadLength);
        var reason = upstream.ReasonRange;
        var line = new ByteRange(0, reason.End + 2);
        // The upstream's own words for the status, when it has any, as other proxies do.
        if (draft.StatusCode != upstream.StatusCode || reason.IsEmpty)
        {
            writer.Put(StatusLines.Of(draft.StatusCode));
            line = default;
        }
        else if (upstream.VersionMinor != 1)
        {
            writer.Put(StatusLines.Of(draft.StatusCode)[..StatusLines.ReasonAt]);
            writer.Put(reason.Of(head));
            writer.Put("\r\n"u8);
            line = default;
        }
        var filter = new ResponseFieldFilter(draft.Rules);
        FieldCopier.Copy(ref writer, head, upstream.Fields, ref filter, line);
        if (!upstream.Has(KnownHeader.Date)) writer.Put(date.Line);
    }

    private static void RenderOwn(ref HeadWriter writer, ResponseDraft draft, DateField date)
    {
        writer.Put(StatusLines.Of(draft.StatusCode));
        writer.Put(date.Line);
        writer.Put(draft.Fields.Span);
        if (draft.Location.IsEmpty) return;
        writer.Put("Location: "u8);
        writer.Put(draft.Location.Span);
        writer.Put("\r\n"u8);
    }

    private static bool TryApply(ref HeadWriter writer, Exchange exchange, HeaderRules rules)
    {
        var input = TemplateInputs.Of(exchange);
        // Room for the empty line must stay.
        int written = rules.Write(in input, writer.Rest[..^2]);
        if (!TemplateInputs.Fits(written)) return false;
        writer.Advance(written);
        return true;
    }

    private readonly struct ResponseFieldFilter(HeaderRules? rules) : IFieldFilter
    {
        private static readonly KnownHeaderSet s_dropped = KnownHeaderSet.Of(KnownHeader.ContentLength);

        public KnownHeaderSet Dropped => rules is null ? s_dropped : s_dropped | rules.RemovedKnown;

        public ulong AskedLengths => rules is null ? 0 : rules.RemovedLengths;

        public bool Keeps(in HeaderField field, ReadOnlySpan<byte> head) =>
            !rules!.Removes(field.Known, field.Name(head));
    }
}

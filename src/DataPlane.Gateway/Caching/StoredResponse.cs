using System.Runtime.CompilerServices;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// Sends what is stored: whole, a part of it, or that the client has it already. The body goes out from where it lies.
/// Takes the lease over. Loop thread; 0 bytes.
/// </summary>
internal static class StoredResponse
{
    public static ValueTask<ExchangeOutcome> SendAsync(
        Exchange exchange, ResponseSink sink, CacheLease lease, CacheNote note, ResponseCache cache)
    {
        var draft = exchange.Response;
        var request = exchange.Request;
        ref readonly var meta = ref lease.Meta<EntryMeta>();
        draft.TakeStored(lease.Head.Span, meta.StatusCode, CacheBounds.StoredHead);
        long start = 0;
        long count = lease.BodyBytes;
        if (meta.StatusCode == 200 && (Preconditions.HasAny(request) || request.Has(KnownHeader.Range)))
        {
            var tag = meta.ETag.Of(lease.Head.Span);
            long changed = meta.LastModified >= 0 ? meta.LastModified : meta.Date;
            long now = cache.NowSeconds;
            if (Preconditions.IsNotModified(request, exchange.HeadBytes, tag, changed, now))
            {
                draft.StatusCode = 304;
                count = 0;
            }
            else if (request.Method == RequestMethod.Get)
            {
                note = Part(exchange, in meta, tag, now, note, ref start, ref count);
            }
        }
        draft.BodyLength = count;
        draft.Cache = note;
        sink.Start();
        if (request.Method == RequestMethod.Head) count = 0;
        if (count == 0 || (count <= Limits.CoalescedBodyBytes && start == 0 && !lease.IsPacked))
        {
            if (count > 0) Append(sink, in lease, count);
            lease.Dispose();
            return new ValueTask<ExchangeOutcome>(ExchangeOutcome.Completed);
        }
        return WriteAsync(exchange, sink, lease, start, count);
    }

    private static CacheNote Part(
        Exchange exchange, in EntryMeta meta, ReadOnlySpan<byte> tag, long now, CacheNote note,
        ref long start, ref long count)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        if (!request.TryFind(KnownHeader.Range, out var range)
            || !Preconditions.HoldsRange(request, head, tag, meta.LastModified, meta.Date, now))
            return note;
        long whole = count;
        switch (RangeField.Read(range.Value(head), whole, out long first, out long bytes))
        {
            case RangeStatus.Part:
                exchange.Response.StatusCode = 206;
                start = first;
                count = bytes;
                return note with { WholeBytes = whole, PartStart = first, PartBytes = bytes };
            case RangeStatus.Unsatisfiable:
                exchange.Response.StatusCode = 416;
                count = 0;
                return note with { WholeBytes = whole };
            default:
                return note;
        }
    }

    private static void Append(ResponseSink sink, in CacheLease lease, long count)
    {
        foreach (var segment in lease.Body)
        {
            int bytes = (int)Math.Min(count, segment.BodyBytes);
            sink.Append(segment.Stored.Span[..bytes]);
            count -= bytes;
            if (count == 0) return;
        }
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> WriteAsync(
        Exchange exchange, ResponseSink sink, CacheLease lease, long start, long count)
    {
        byte[]? unpacked = null;
        try
        {
            foreach (var segment in lease.Body)
            {
                if (count == 0) break;
                if (start >= segment.BodyBytes)
                {
                    start -= segment.BodyBytes;
                    continue;
                }
                int bytes = (int)Math.Min(count, segment.BodyBytes - start);
                var run = segment.Stored;
                if (segment.IsPacked)
                {
                    unpacked ??= exchange.Loop.Slabs.Rent(CacheSegment.MaxBytes);
                    if (!segment.CopyTo(unpacked)) return ExchangeOutcome.InternalError;
                    run = unpacked;
                }
                if (!await sink.WriteAsync(run.Slice((int)start, bytes)))
                    return sink.Failure == ExchangeOutcome.Completed ? ExchangeOutcome.ClientAborted : sink.Failure;
                start = 0;
                count -= bytes;
            }
            return ExchangeOutcome.Completed;
        }
        finally
        {
            if (unpacked is not null) exchange.Loop.Slabs.Return(unpacked);
            lease.Dispose();
        }
    }
}

using System.Runtime.CompilerServices;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// A shared cache (RFC 9111) around a route's integration: answers from the store what may be answered so, has the
/// integration fetch the rest, one exchange for all that ask for the same, and keeps what may be kept. Immutable; loop
/// threads; 0 bytes a hit, a follower and, once warm, a fetch.
/// </summary>
internal sealed class CachingIntegration(
    ResponseCache cache, CacheRules rules, CacheTally tally, IIntegration inner)
    : IIntegration, IExplainedTarget
{
    /// <summary>What Vary names is one entry, and the response another.</summary>
    private const int MostRestores = 2;

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var method = exchange.Request.Method;
        if (method is not (RequestMethod.Get or RequestMethod.Head))
        {
            return CacheRequests.IsSafe(method)
                ? PassAsync(exchange, sink, CacheForward.Method)
                : InvalidateAsync(exchange, sink);
        }
        return AnswerAsync(exchange, sink, restores: MostRestores);
    }

    private ValueTask<ExchangeOutcome> AnswerAsync(Exchange exchange, ResponseSink sink, int restores)
    {
        var asked = rules.HonoursClients ? CacheRequests.Directives(exchange) : new CacheDirectives();
        var place = cache.On(exchange.Loop);
        int urlLength = 0, primaryLength = 0;
        bool isKeyed = !asked.Has(CacheFlags.NoStore) && CacheRequests.MayUse(exchange)
            && CacheKey.TryWrite(exchange, rules, place.Key, out urlLength, out primaryLength);
        if (!isKeyed) return PassAsync(exchange, sink, CacheForward.Bypass);
        int length = primaryLength;
        bool isThere = place.TryFind(exchange, place.Key, ref length, out var lease);
        if (!isThere && restores > 0 && cache.Store.Disk is not null)
        {
            if (cache.Store.IsOnDisk(place.Key.AsSpan(0, length)))
                return RestoreAsync(exchange, sink, place.Restore(length), restores - 1);
            // Between the two looks it may have come back into memory.
            length = primaryLength;
            isThere = place.TryFind(exchange, place.Key, ref length, out lease);
        }
        var use = isThere ? CacheDecision.Of(exchange, in lease, in asked) : CacheUse.Miss;
        if (use == CacheUse.Fresh) return SendAsync(exchange, sink, in lease, CacheResult.Hit);
        if (use == CacheUse.Stale) return SendAsync(exchange, sink, in lease, CacheResult.Stale);
        if (use == CacheUse.StaleWhileRevalidate)
        {
            RefreshAside(exchange, place, urlLength, primaryLength);
            return SendAsync(exchange, sink, in lease, CacheResult.Stale);
        }
        if (asked.Has(CacheFlags.OnlyIfCached))
        {
            lease.Dispose();
            return Refuse(exchange);
        }
        bool isHead = exchange.Request.Method == RequestMethod.Head;
        var forward = ForwardOf(use, isSelected: length > primaryLength);
        if (isHead && !isThere) return PassAsync(exchange, sink, forward);
        var turn = place.RentTurn();
        turn.Begin(exchange, rules, urlLength, primaryLength, length, in lease);
        turn.Forward = forward;
        // A part is not shared, nor what has no body; and who asks for a new answer wants his own.
        if (isHead || use == CacheUse.Asked || (!isThere && exchange.Request.Has(KnownHeader.Range))) turn.GoAlone();
        return FetchAsync(exchange, sink, turn);
    }

    /// <summary>What would be sent when nothing stored is.</summary>
    public TargetExplanation Explain(Exchange exchange) =>
        inner is IExplainedTarget target ? target.Explain(exchange) : new TargetExplanation("The response is stored.");

    /// <summary>The entry is on its way from disk: looks again when it is there.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> RestoreAsync(
        Exchange exchange, ResponseSink sink, FlightWaiter? waiter, int restores)
    {
        if (waiter is not null)
        {
            var end = await waiter.WaitAsync(exchange, CacheBounds.RestoreMs);
            if (end == FlightEnd.Cancelled) return exchange.CancelOutcome;
            if (end == FlightEnd.TimedOut) restores = 0;
        }
        return await AnswerAsync(exchange, sink, restores);
    }

    private static CacheForward ForwardOf(CacheUse use, bool isSelected) => use switch
    {
        CacheUse.Asked => CacheForward.Request,
        CacheUse.Miss => isSelected ? CacheForward.VaryMiss : CacheForward.UriMiss,
        _ => CacheForward.Stale,
    };

    private CacheNote NoteOf(CacheResult result, CacheForward forward) =>
        new() { Result = result, Forward = forward, HidesStatus = !rules.ShowsStatus };

    private ValueTask<ExchangeOutcome> PassAsync(Exchange exchange, ResponseSink sink, CacheForward forward)
    {
        bool isMiss = forward is CacheForward.UriMiss or CacheForward.VaryMiss or CacheForward.Stale;
        var result = isMiss ? CacheResult.Miss : CacheResult.Bypass;
        exchange.Response.Cache = NoteOf(result, forward);
        tally.Add(exchange.Loop.Index, result);
        return inner.InvokeAsync(exchange, sink);
    }

    private ValueTask<ExchangeOutcome> Refuse(Exchange exchange)
    {
        exchange.Response.Cache = NoteOf(CacheResult.Miss, CacheForward.UriMiss);
        tally.Add(exchange.Loop.Index, CacheResult.Miss);
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.NotCached);
    }

    private ValueTask<ExchangeOutcome> SendAsync(
        Exchange exchange, ResponseSink sink, in CacheLease lease, CacheResult result, int forwardStatus = 0)
    {
        tally.Add(exchange.Loop.Index, result);
        ref readonly var meta = ref lease.Meta<EntryMeta>();
        long nowMs = exchange.Loop.NowMs;
        bool isRevalidated = result == CacheResult.Revalidated;
        var note = new CacheNote
        {
            Result = result,
            HasAge = true,
            AgeSeconds = meta.AgeMs(nowMs) / 1000,
            TtlSeconds = meta.LeftMs(nowMs) / 1000,
            Forward = isRevalidated ? CacheForward.Stale : CacheForward.None,
            ForwardStatus = forwardStatus,
            IsStored = isRevalidated,
            IsCollapsed = result == CacheResult.Coalesced,
            HidesStatus = !rules.ShowsStatus,
        };
        return StoredResponse.SendAsync(exchange, sink, lease, note, cache);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> FetchAsync(Exchange exchange, ResponseSink sink, CacheTurn turn)
    {
        try
        {
            while (true)
            {
                if (turn.Enter(out var waiter) == FlightRole.Follower)
                {
                    var end = await turn.WaitAsync(waiter!);
                    bool isThere = turn.TryFindFresh(end, out var found);
                    if (end == FlightEnd.Cancelled)
                    {
                        found.Dispose();
                        return exchange.CancelOutcome;
                    }
                    if (isThere)
                        return await SendAsync(exchange, sink, in found, CacheResult.Coalesced);
                    continue;
                }
                turn.BeginFetch(sink);
                var outcome = await inner.InvokeAsync(exchange, turn);
                turn.EndFetch(outcome);
                if (turn.End == TurnEnd.OtherVersion)
                {
                    turn.DropStored();
                    continue;
                }
                if (turn.End is not (TurnEnd.Confirmed or TurnEnd.Error))
                {
                    tally.Add(exchange.Loop.Index, CacheResult.Miss);
                    return outcome;
                }
                bool isConfirmed = turn.End == TurnEnd.Confirmed;
                var result = isConfirmed ? CacheResult.Revalidated : CacheResult.Stale;
                int status = isConfirmed ? 304 : turn.IsStarted ? exchange.Response.StatusCode : 0;
                exchange.Reply = null;
                return await SendAsync(exchange, sink, turn.TakeStored(), result, status);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Fetches a new one unless somebody does, without the client whose request showed the need.</summary>
    private void RefreshAside(Exchange exchange, CachePlace place, int urlLength, int primaryLength)
    {
        int length = primaryLength;
        // The fetch has a lease of its own, for it outlives this exchange.
        if (!place.TryFind(exchange, place.Key, ref length, out var lease)) return;
        var turn = place.RentTurn();
        turn.Begin(exchange, rules, urlLength, primaryLength, length, in lease);
        turn.Forward = CacheForward.Stale;
        if (turn.TryLead() && place.RentFetch().TryStart(exchange, turn, inner)) return;
        turn.Release();
    }

    private ValueTask<ExchangeOutcome> InvalidateAsync(Exchange exchange, ResponseSink sink)
    {
        exchange.Response.Cache = NoteOf(CacheResult.Bypass, CacheForward.Method);
        tally.Add(exchange.Loop.Index, CacheResult.Bypass);
        return InvalidateAsync(exchange, sink, cache.On(exchange.Loop));
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> InvalidateAsync(Exchange exchange, ResponseSink sink, CachePlace place)
    {
        var watch = place.RentWatch();
        watch.Begin(exchange, sink, rules);
        try
        {
            return await inner.InvokeAsync(exchange, watch);
        }
        finally
        {
            place.Return(watch);
        }
    }
}

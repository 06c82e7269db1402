using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// An exchange without a client, which fetches again what a client was sent stale: a copy of that client's request with
/// a sink that nobody reads. Pooled per loop; 0 bytes once warm.
/// </summary>
internal sealed class BackgroundFetch
{
    private readonly EventLoop _loop;
    private readonly CachePlace _place;
    private readonly Exchange _exchange;
    private readonly Action _onEnd;
    private readonly NoBody _body = new();
    private readonly NoClient _client = new();
    private CacheTurn? _turn;
    private ValueTask<ExchangeOutcome> _run;

    public BackgroundFetch(EventLoop loop, CachePlace place)
    {
        _loop = loop;
        _place = place;
        _exchange = new Exchange(loop);
        _onEnd = OnEnd;
    }

    /// <summary>Takes the turn over when true; else it is back in its pool, and nothing was begun.</summary>
    public bool TryStart(Exchange origin, CacheTurn turn, IIntegration integration)
    {
        if (!TryCopy(origin))
        {
            Free();
            return false;
        }
        _turn = turn;
        turn.Continue(_exchange);
        _run = RunAsync(turn, integration);
        if (_run.IsCompleted) OnEnd();
        else _run.GetAwaiter().UnsafeOnCompleted(_onEnd);
        return true;
    }

    private bool TryCopy(Exchange origin)
    {
        byte[] head = _loop.Slabs.Rent(origin.HeadBytes.Length);
        origin.HeadBytes.CopyTo(head);
        _exchange.TakeHead(head);
        var status = RequestHeadParser.Parse(
            head.AsSpan(0, origin.HeadBytes.Length), _exchange.Request, origin.Snapshot.ConnectionLimits.Head);
        if (status != ParseStatus.Complete || !_exchange.Resolve(out _, out _)) return false;
        _exchange.Snapshot = origin.Snapshot;
        _exchange.Lot = origin.Lot;
        _exchange.Listener = origin.Listener;
        _exchange.IsHttp2 = origin.IsHttp2;
        _exchange.Client = origin.Client;
        _exchange.Facts = origin.Facts;
        _exchange.Body = _body;
        _exchange.RequestRules = origin.RequestRules;
        _exchange.StartTimestamp = _loop.NowTimestamp;
        _exchange.Identify(traceContext: false);
        _exchange.Match.Route = origin.Route;
        foreach (var capture in origin.Match.Captures) _exchange.Match.Push(capture);
        if (origin.Route!.TimeoutMs > 0) _exchange.ArmTimeout(origin.Route.TimeoutMs);
        return true;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> RunAsync(CacheTurn turn, IIntegration integration)
    {
        turn.BeginFetch(_client);
        var outcome = await integration.InvokeAsync(_exchange, turn);
        turn.EndFetch(outcome);
        return outcome;
    }

    private void OnEnd()
    {
        try
        {
            _run.GetAwaiter().GetResult();
        }
        catch (Exception defect) when (defect is not OutOfMemoryException)
        {
            // The next request that finds the response stale meets the same defect where it is reported.
        }
        _run = default;
        _turn!.Release();
        _turn = null;
        Free();
    }

    private void Free()
    {
        byte[] head = _exchange.ReleaseHead();
        if (head.Length > 0) _loop.Slabs.Return(head);
        _exchange.Reset();
        _client.Reset();
        _place.Return(this);
    }
}

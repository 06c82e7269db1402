using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Gateway.Upstreams.Opening;

/// <summary>
/// Finds a connection for an exchange when none is warm: opens one, moves on to other endpoints when that fails, and
/// waits in the queue when all are in use. Loop threads. Cold: a new connection costs far more than what is allocated
/// here.
/// </summary>
internal sealed class ConnectionFinder(Upstream upstream, IUpstreamConnector connector)
{
    // Of exchanges whose protocol keeps no connections for itself: each one is closed after its exchange.
    private static readonly OwnConnections s_nobodys = Closed();

    /// <summary>Begins with <paramref name="first"/>, of which no idle connection is taken.</summary>
    public async ValueTask<LeaseResult> FindAsync(Exchange exchange, UpstreamEndpoint? first)
    {
        if (first is null) return new LeaseResult(null, ExchangeOutcome.UpstreamUnavailable, null);
        bool isFirst = exchange.Retries is not { DelayMs: > 0 };
        if (!isFirst && await DelayAsync(exchange) is var ended and not ExchangeOutcome.Completed)
            return new LeaseResult(null, ended, null);
        var next = first;
        while (true)
        {
            // Those who wait already come first.
            bool mayTake = upstream.Pending is not { Waiting: > 0 } queue
                || queue.LineOf(exchange.Loop).HeadSinceMs == long.MaxValue;
            UpstreamEndpoint? reserved = null;
            if (mayTake && TryTake(exchange, next, isFirst, out reserved) is { } idle) return idle;
            if (reserved is null)
            {
                var waited = await WaitAsync(exchange, next);
                if (waited.Connection is not null || waited.Outcome != ExchangeOutcome.Completed) return waited;
                reserved = waited.Endpoint!;
            }
            var result = await ConnectAsync(exchange, reserved);
            if (result.Connection is not null) return result;
            bool isTimeout = result.Outcome == ExchangeOutcome.UpstreamConnectTimeout;
            bool isFailure = isTimeout || result.Outcome
                is ExchangeOutcome.UpstreamConnectFailed or ExchangeOutcome.UpstreamTlsFailed;
            if (!isFailure || upstream.Retries?.TryConnectAgain(exchange, reserved, isTimeout) != true) return result;
            if (NextOf(exchange, reserved) is not { } other) return result;
            next = other;
            isFirst = false;
        }
    }

    /// <summary>
    /// An idle connection, or a place for a new one in <paramref name="reserved"/>, or neither when every endpoint has
    /// all its connections in use.
    /// </summary>
    private LeaseResult? TryTake(
        Exchange exchange, UpstreamEndpoint first, bool isFirst, out UpstreamEndpoint? reserved)
    {
        var set = upstream.Set;
        int start = Math.Max(0, set.IndexOf(first));
        int steps = 0;
        reserved = null;
        for (var endpoint = first; ;)
        {
            // The caller has looked at the first one's, or knows them to be stale.
            bool looks = !isFirst || !ReferenceEquals(endpoint, first);
            var pool = endpoint.Pool(exchange.Loop.Index);
            if (looks && pool.TryRent(exchange, upstream.Settings.Greeting) is { } pooled)
                return new LeaseResult(pooled, ExchangeOutcome.Completed, endpoint);
            // Idle ones that speak for other clients give way.
            bool isFull = upstream.Settings.Greeting is not null
                && endpoint.Connections >= upstream.Settings.MaxConnections;
            if (isFull) pool.CloseEldest();
            if (endpoint.TryReserve(upstream.Settings.MaxConnections))
            {
                reserved = endpoint;
                return null;
            }
            int next;
            do next = set.Next(start, ref steps);
            while (next >= 0 && exchange.Retries?.HasFailed(set.Endpoints[next]) == true);
            if (next < 0) return null;
            endpoint = set.Endpoints[next];
        }
    }

    /// <summary>
    /// The next endpoint this exchange has not failed on, preferably one that has not refused a connection lately; null
    /// when there is none.
    /// </summary>
    public UpstreamEndpoint? NextOf(Exchange exchange, UpstreamEndpoint failed)
    {
        var set = upstream.Set;
        int start = Math.Max(0, set.IndexOf(failed));
        int steps = 0;
        UpstreamEndpoint? avoided = null;
        for (int next = set.Next(start, ref steps); next >= 0; next = set.Next(start, ref steps))
        {
            var endpoint = set.Endpoints[next];
            if (exchange.Retries!.HasFailed(endpoint)) continue;
            if (!endpoint.IsAvoided(exchange.Loop.NowMs)) return endpoint;
            avoided ??= endpoint;
        }
        return avoided;
    }

    /// <summary>
    /// Waits for a connection, or for a place for one, which is then reserved: completed, with the endpoint only.
    /// </summary>
    private async ValueTask<LeaseResult> WaitAsync(Exchange exchange, UpstreamEndpoint first)
    {
        var overloaded = new LeaseResult(null, ExchangeOutcome.UpstreamOverloaded, first);
        if (upstream.Pending is not { } queue || !queue.TryEnter(upstream.Settings.MaxPending)) return overloaded;
        var line = queue.LineOf(exchange.Loop);
        long sinceMs = exchange.Loop.NowMs;
        long dueMs = sinceMs + upstream.Settings.PendingTimeoutMs;
        bool isBack = false;
        try
        {
            while (true)
            {
                // Between the look before and taking the place something may have become free.
                bool mayTake = isBack || line.HeadSinceMs == long.MaxValue;
                UpstreamEndpoint? reserved = null;
                if (mayTake && TryTake(exchange, first, isFirst: false, out reserved) is { } idle) return idle;
                if (reserved is not null) return new LeaseResult(null, ExchangeOutcome.Completed, reserved);
                var result = overloaded;
                if (dueMs > exchange.Loop.NowMs)
                {
                    var wait = new ConnectionWait(exchange) { SinceMs = sinceMs };
                    wait.Bound((int)(dueMs - exchange.Loop.NowMs), in overloaded);
                    line.Add(wait, first: isBack);
                    // Who gives something back from now on sees the line; what was given back before is seen here.
                    Interlocked.MemoryBarrier();
                    if (HasRoom()) line.TryServe(connection: null);
                    else AskOtherLoops(exchange.Loop);
                    result = await wait.Ended();
                    line.Forget(wait);
                }
                if (result.Outcome == ExchangeOutcome.UpstreamOverloaded) queue.CountTimeout();
                if (result.Outcome != ExchangeOutcome.Completed) return result;
                if (result.Connection is { } connection)
                {
                    if (connection.TryReuse(exchange.Loop.NowMs)) return result;
                    connection.Close();
                }
                isBack = true;
            }
        }
        finally
        {
            queue.Leave();
        }
    }

    private bool HasRoom()
    {
        var set = upstream.Set;
        for (int each = 0; each < set.Endpoints.Count; each++)
        {
            bool isUsed = set.Weights[each] > 0;
            if (isUsed && set.Endpoints[each].Connections < upstream.Settings.MaxConnections) return true;
        }
        return false;
    }

    /// <summary>Another loop may keep an idle connection that counts here: it closes one.</summary>
    private void AskOtherLoops(EventLoop loop)
    {
        foreach (var endpoint in upstream.Endpoints)
        {
            if (endpoint.TryFindIdle(loop) is not { } pool) continue;
            pool.Loop.Post(static state => ((EndpointPool)state!).CloseEldest(), pool);
            return;
        }
    }

    /// <summary>Waits as long as the exchange's retries say. Completed, or how it was cancelled.</summary>
    public static async ValueTask<ExchangeOutcome> DelayAsync(Exchange exchange)
    {
        var wait = new ConnectionWait(exchange);
        wait.Bound(exchange.Retries!.DelayMs, new LeaseResult(null, ExchangeOutcome.Completed, null));
        exchange.Retries.DelayMs = 0;
        return (await wait.Ended()).Outcome;
    }

    private ValueTask<LeaseResult> ConnectAsync(Exchange exchange, UpstreamEndpoint endpoint)
    {
        var wait = new ConnectionWait(exchange);
        // Goes on by itself when the exchange is cancelled: what is opened then serves the next one.
        byte[]? greeting = upstream.Settings.Greeting?.For(exchange);
        var own = greeting is null ? null : exchange.Connection?.OwnConnections ?? s_nobodys;
        _ = DialAsync(exchange.Loop, endpoint, wait, greeting, own);
        return wait.Ended();
    }

    /// <summary>Connects to a reserved place of the endpoint. Never throws.</summary>
    private async Task DialAsync(
        EventLoop loop, UpstreamEndpoint endpoint, ConnectionWait wait, byte[]? greeting, OwnConnections? own)
    {
        endpoint.Load(loop).InFlight++;
        try
        {
            var result = await endpoint.ConnectAsync(
                connector, loop, upstream.Settings.ConnectTimeoutMs, greeting);
            endpoint.Load(loop).InFlight--;
            if (result.Connection is null)
            {
                var outcome = OutcomeOf(result.Fault);
                if (result.Fault == ConnectFault.Tls) upstream.OnHandshakeFailed(endpoint, result.Detail);
                endpoint.Release();
                upstream.OnConnectFailed(endpoint, loop, outcome);
                wait.TryEnd(new LeaseResult(null, outcome, endpoint));
                return;
            }
            endpoint.AvoidUntil(0);
            var opened = new UpstreamConnection(result.Connection, endpoint.Pool(loop.Index), upstream.Settings)
            {
                Own = own,
                Greeting = upstream.Settings.Greeting,
            };
            if (!wait.TryEnd(new LeaseResult(opened, ExchangeOutcome.Completed, endpoint))) opened.Return();
        }
        catch (Exception defect)
        {
            wait.Fail(defect);
        }
    }

    private static OwnConnections Closed()
    {
        var closed = new OwnConnections();
        closed.Close();
        return closed;
    }

    private static ExchangeOutcome OutcomeOf(ConnectFault fault) => fault switch
    {
        ConnectFault.TimedOut => ExchangeOutcome.UpstreamConnectTimeout,
        ConnectFault.Tls => ExchangeOutcome.UpstreamTlsFailed,
        _ => ExchangeOutcome.UpstreamConnectFailed,
    };
}

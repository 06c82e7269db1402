using System.Net.Security;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// The HTTP/2 connections to one endpoint on one loop. A stream is taken from the first that has room; without one,
/// another connection is opened as far as the endpoint's bound allows, and those who come meanwhile wait in a line. A
/// loop may always have one, for connections cannot change loops. Loop thread; 0 bytes for a stream of a warm one.
/// </summary>
internal sealed class Http2Pool(UpstreamEndpoint endpoint, EventLoop loop) : ILoopTimerTarget
{
    /// <summary>How often idle and old connections are looked for.</summary>
    private const int SweepMs = 1000;

    private readonly List<MultiplexedConnection> _connections = [];
    private readonly LinkedList<StreamWait> _line = new();
    private LoopTimer? _sweep;
    private Upstream? _lastUpstream;
    private int _dialing;

    public UpstreamEndpoint Endpoint => endpoint;

    /// <summary>A stream of a warm connection; null when there is none, or others wait already.</summary>
    public UpstreamStream? TryTake(RequestMethod method, in HeadLimits limits)
    {
        if (_line.Count > 0) return null;
        long nowMs = loop.NowMs;
        foreach (var connection in _connections)
        {
            if (connection.HasRoom(nowMs)) return connection.Take(method, in limits);
        }
        return null;
    }

    /// <summary>Opens a connection, or waits for a stream, until <paramref name="wait"/> ends.</summary>
    public async ValueTask<StreamLease> TakeAsync(Upstream upstream, StreamWait wait)
    {
        _lastUpstream = upstream;
        var settings = upstream.Settings;
        // First, for a connection may be open at once.
        _line.AddLast(wait.Place);
        // Who waits for a connection that is being opened is no burden; who waits for others to end is in a queue.
        bool isQueued = !TryDial(upstream) && _dialing == 0;
        if (isQueued && upstream.Pending?.TryEnter(settings.MaxPending) != true)
        {
            _line.Remove(wait.Place);
            return new StreamLease(null, ExchangeOutcome.UpstreamOverloaded);
        }
        await wait.EndedAsync(settings.PendingTimeoutMs + (isQueued ? 0 : settings.ConnectTimeoutMs));
        if (wait.Place.List is not null) _line.Remove(wait.Place);
        if (!isQueued) return wait.Result;
        upstream.Pending!.Leave();
        if (wait.IsLate) upstream.Pending.CountTimeout();
        return wait.Result;
    }

    /// <summary>For a check of health, which asks as an exchange does.</summary>
    public async ValueTask<StreamLease> ProbeAsync(Upstream upstream, StreamWait wait) =>
        TryTake(wait.Method, wait.Limits) is { } stream
            ? new StreamLease(stream, ExchangeOutcome.Completed)
            : await TakeAsync(upstream, wait);

    /// <summary>A stream has ended, or the upstream allows more.</summary>
    public void OnRoom(MultiplexedConnection connection)
    {
        while (_line.First is { } first && connection.HasRoom(loop.NowMs))
        {
            _line.RemoveFirst();
            Give(connection, first.Value);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Remove(MultiplexedConnection connection)
    {
        if (!_connections.Remove(connection)) return;
        endpoint.CountMultiplexed(-1);
        endpoint.Release();
        // Those who waited for one of its streams.
        if (_line.Count > 0) loop.PostContinuation(static pool => ((Http2Pool)pool!).DialForLine(), this);
    }

    /// <summary>The endpoint left the configuration: what is idle is closed, what is used ends first.</summary>
    public void Clear()
    {
        for (int each = _connections.Count - 1; each >= 0; each--) _connections[each].Drain();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        long nowMs = loop.NowMs;
        for (int each = _connections.Count - 1; each >= 0; each--)
        {
            if (endpoint.IsRetired || _connections[each].IsExpired(nowMs)) _connections[each].Drain();
        }
        if (_connections.Count > 0) loop.Timers.Set(timer, nowMs + SweepMs);
    }

    private static void Give(MultiplexedConnection connection, StreamWait wait)
    {
        if (wait.HasEnded) return;
        wait.TryEnd(new StreamLease(connection.Take(wait.Method, wait.Limits), ExchangeOutcome.Completed));
    }

    private void DialForLine()
    {
        if (_line.Count > 0 && _lastUpstream is { } upstream) TryDial(upstream);
    }

    /// <summary>False when enough are being opened, or the endpoint has as many as it may.</summary>
    private bool TryDial(Upstream upstream)
    {
        if (_line.Count <= _dialing * Limits.Http2StreamsBeforeSettings) return false;
        bool hasNone = _dialing == 0 && !HasOpen();
        if (!endpoint.TryReserve(hasNone ? int.MaxValue : upstream.Settings.MaxConnections)) return false;
        _dialing++;
        _ = DialAsync(upstream);
        return true;
    }

    /// <summary>Those that only see their streams to the end keep nobody from opening another.</summary>
    private bool HasOpen()
    {
        foreach (var connection in _connections)
        {
            if (connection.IsOpen(loop.NowMs)) return true;
        }
        return false;
    }

    /// <summary>Never throws.</summary>
    private async Task DialAsync(Upstream upstream)
    {
        var outcome = ExchangeOutcome.InternalError;
        try
        {
            var result = await endpoint.ConnectAsync(upstream.Connector, loop, upstream.Settings.ConnectTimeoutMs);
            outcome = Judge(upstream, in result);
            if (outcome == ExchangeOutcome.Completed) outcome = Add(result.Connection!, upstream.Settings);
            else endpoint.Release();
        }
        finally
        {
            _dialing--;
            if (outcome != ExchangeOutcome.Completed) Fail(outcome);
        }
    }

    private ExchangeOutcome Add(LoopConnection transport, UpstreamSettings settings)
    {
        endpoint.AvoidUntil(0);
        var connection = new MultiplexedConnection(transport, this, settings);
        _connections.Add(connection);
        endpoint.CountMultiplexed(1);
        _sweep ??= new LoopTimer(this);
        if (!_sweep.IsSet) loop.Timers.Set(_sweep, loop.NowMs + SweepMs);
        connection.Start();
        // An upstream may greet with what is no HTTP/2, or with a goodbye. Another connection would hear the same: that
        // would be dialed for ever.
        if (connection.IsClosed) return connection.Failure;
        OnRoom(connection);
        if (endpoint.IsRetired) connection.Drain();
        DialForLine();
        return ExchangeOutcome.Completed;
    }

    /// <summary>Who waits for it hears why; while there are others, their streams are waited for.</summary>
    private void Fail(ExchangeOutcome outcome)
    {
        if (_dialing > 0 || HasOpen()) return;
        while (_line.First is { } first)
        {
            _line.RemoveFirst();
            first.Value.TryEnd(new StreamLease(null, outcome));
        }
    }

    private ExchangeOutcome Judge(Upstream upstream, in ConnectResult result)
    {
        if (result.Connection is null)
        {
            if (result.Fault == ConnectFault.Tls) upstream.OnHandshakeFailed(endpoint, result.Detail);
            return result.Fault switch
            {
                ConnectFault.TimedOut => ExchangeOutcome.UpstreamConnectTimeout,
                ConnectFault.Tls => ExchangeOutcome.UpstreamTlsFailed,
                _ => ExchangeOutcome.UpstreamConnectFailed,
            };
        }
        // RFC 9113 3.3: over TLS both sides must have agreed on it.
        bool isOther = result.Connection is TlsConnection tls
            && tls.Tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2;
        if (!isOther) return ExchangeOutcome.Completed;
        result.Connection.Close();
        result.Connection.Transport.Input.Complete();
        result.Connection.Transport.Output.Complete();
        return ExchangeOutcome.UpstreamProtocolError;
    }
}

using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Gateway.Upstreams.Opening;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// Idle connections of one endpoint on one loop, last in first out, so that the surplus of a burst ages and closes.
/// Loop thread only (<see cref="Idle"/> any); 0 bytes for rent and return.
/// </summary>
public sealed class EndpointPool(UpstreamEndpoint endpoint, EventLoop loop) : ILoopTimerTarget
{
    /// <summary>How often idle connections are looked at; a timer each would cost more than it is worth.</summary>
    private const int SweepMs = 1000;

    private UpstreamConnection?[] _idle = new UpstreamConnection?[8];
    private int _count;
    private LoopTimer? _sweep;
    private Http2Pool? _http2;

    public UpstreamEndpoint Endpoint => endpoint;

    public EventLoop Loop => loop;

    public int Idle => Volatile.Read(ref _count);

    /// <summary>The connections that exchanges share, of an upstream that speaks HTTP/2.</summary>
    internal Http2Pool Http2 => _http2 ??= new Http2Pool(endpoint, loop);

    /// <summary>
    /// The connection used last that is still good, or null. Where connections begin with a PROXY header, one of those
    /// that speak for the exchange's client connection.
    /// </summary>
    public UpstreamConnection? TryRent(Exchange exchange, ProxyGreeting? greeting)
    {
        long nowMs = loop.NowMs;
        if (greeting is not null) return exchange.Connection?.OwnConnections.TryRent(endpoint, greeting, nowMs);
        while (_count > 0)
        {
            var connection = _idle[--_count]!;
            _idle[_count] = null;
            connection.PoolIndex = -1;
            connection.Own?.Remove(connection);
            // One that speaks for a client is left from before a reload.
            if (connection.Own is null && connection.TryReuse(nowMs)) return connection;
            connection.Close();
        }
        return null;
    }

    /// <summary>
    /// Keeps a connection whose exchange ended cleanly, or closes it when enough are idle. When the endpoint has no
    /// room for more, those who wait come first.
    /// </summary>
    public void Return(UpstreamConnection connection, int maxIdle, int maxConnections)
    {
        if (connection.Own is { IsOpen: false })
        {
            connection.Close();
            return;
        }
        if (endpoint.Connections < maxConnections || endpoint.Pending is not { } queue)
        {
            Keep(connection, maxIdle);
            return;
        }
        if (TryHandOver(queue, connection)) return;
        Keep(connection, maxIdle);
        // Who came meanwhile on another loop has seen it idle, or is seen here: see ConnectionFinder.
        Interlocked.MemoryBarrier();
        if (queue.Waiting == 0 || connection.PoolIndex < 0) return;
        Remove(connection);
        if (!TryHandOver(queue, connection)) Keep(connection, maxIdle);
    }

    /// <summary>Takes out a connection that its upstream closed while it was idle.</summary>
    public void Remove(UpstreamConnection connection)
    {
        int index = connection.PoolIndex;
        if (index < 0) return;
        connection.PoolIndex = -1;
        connection.Own?.Remove(connection);
        _count--;
        for (; index < _count; index++)
        {
            _idle[index] = _idle[index + 1];
            _idle[index]!.PoolIndex = index;
        }
        _idle[_count] = null;
    }

    /// <summary>Makes room for another loop.</summary>
    public void CloseEldest()
    {
        if (_count == 0) return;
        var eldest = _idle[0]!;
        Remove(eldest);
        eldest.Close();
    }

    /// <summary>Closes what is idle now: the endpoint left the configuration, or the process ends.</summary>
    public void Clear()
    {
        _http2?.Clear();
        while (_count > 0)
        {
            var connection = _idle[--_count]!;
            _idle[_count] = null;
            connection.PoolIndex = -1;
            connection.Own?.Remove(connection);
            connection.Close();
        }
    }

    private bool TryHandOver(PendingQueue queue, UpstreamConnection connection)
    {
        if (queue.Waiting == 0 || endpoint.IsRetired) return false;
        if (connection.Own is null) return queue.TryTake(connection);
        // It speaks for its client only: closed, it leaves its place to whoever waits.
        connection.Close();
        return true;
    }

    private void Keep(UpstreamConnection connection, int maxIdle)
    {
        // Of those that others cannot use the eldest has waited in vain for longest.
        if (_count >= maxIdle && connection.Own is not null) CloseEldest();
        if (_count >= maxIdle || endpoint.IsRetired)
        {
            connection.Close();
            return;
        }
        if (_count == _idle.Length) Array.Resize(ref _idle, _count * 2);
        connection.PoolIndex = _count;
        connection.Own?.Add(connection);
        _idle[_count++] = connection;
        _sweep ??= new LoopTimer(this);
        if (!_sweep.IsSet) loop.Timers.Set(_sweep, loop.NowMs + SweepMs);
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        long nowMs = loop.NowMs;
        int kept = 0;
        for (int index = 0; index < _count; index++)
        {
            var connection = _idle[index]!;
            if (connection.IsExpired(nowMs))
            {
                connection.PoolIndex = -1;
                connection.Own?.Remove(connection);
                connection.Close();
                continue;
            }
            connection.PoolIndex = kept;
            _idle[kept++] = connection;
        }
        Array.Clear(_idle, kept, _count - kept);
        _count = kept;
        if (_count > 0) loop.Timers.Set(timer, nowMs + SweepMs);
    }
}

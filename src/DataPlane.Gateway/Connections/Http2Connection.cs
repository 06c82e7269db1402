using System.Net;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// A client connection that Kestrel's HTTP/2 server speaks on: what its streams share, and its place among the
/// connections of its loop, where all its exchanges run. A feature of the connection, found by its streams. Loop thread
/// only, but for what says otherwise.
/// </summary>
internal sealed class Http2Connection : ClientConnection
{
    private readonly LoopConnection _connection;
    private readonly ConnectionShard _shard;
    private readonly Http2GlitchBudget _budget;
    private readonly List<Http2Stream> _active = [];
    private readonly long _bornMs;
    private ForwardingSettings? _forwarding;
    private int _requests;
    private int _mostStreams;
    private long _idleSinceMs;
    private bool _isClosing;

    public Http2Connection(
        LoopConnection connection, ConnectionShard shard, Listener listener, uint lot, Http2Glitches glitches)
    {
        _connection = connection;
        _shard = shard;
        _bornMs = _idleSinceMs = shard.Loop.NowMs;
        Listener = listener;
        Facts = connection.Features.Get<ConnectionFacts>();
        Lot = lot;
        Follow();
        _budget = new Http2GlitchBudget(shard.Loop, glitches, Limits.Http2Glitches);
        Transport = new Http2Transport(connection, _budget, Limits.Http2Streams)
        {
            SendRate = () => (
                Limits.ResponseRate, (Limits.RateGraceMs * 2) + DataPlane.Gateway.Limits.Http2SendGraceMs),
            IsIdle = () => _active.Count == 0,
        };
    }

    /// <summary>What Kestrel's server is given to speak on.</summary>
    public Http2Transport Transport { get; }

    public override EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public override EndPoint? LocalEndPoint => _connection.LocalEndPoint;

    public override bool IsIdle => _active.Count == 0 && !_isClosing;

    public override long IdleSinceMs => _idleSinceMs;

    /// <summary>Any thread.</summary>
    public EventLoop Loop => _shard.Loop;

    public ConnectionShard Shard => _shard;

    public ConnectionLimits Limits { get; private set; } = null!;

    /// <summary>GOAWAY was said, or will be.</summary>
    public bool IsEnding => _isClosing || _shard.IsDraining;

    /// <summary>A request was refused: twice what its answer earns.</summary>
    public void CountRefusal() => _budget.Spend(Http2Glitch.RefusedHead, cost: 2);

    /// <summary>What Kestrel keeps of us for a stream and its next ones. Any thread.</summary>
    public object CreateStream(IFeatureCollection features) => new Http2Stream(this, features);

    /// <summary>The turn of one stream's exchange.</summary>
    public Http2Turn Begin(Http2Stream stream)
    {
        _requests++;
        Follow();
        stream.Index = _active.Count;
        _active.Add(stream);
        _mostStreams = Math.Max(_mostStreams, _active.Count);
        if (_active.Count == 1) _shard.MarkActive(this, isActive: true);
        var turn = _shard.RentHttp2();
        turn.Begin(stream);
        if (Limits.RequestsPerConnection > 0 && _requests >= Limits.RequestsPerConnection) Close();
        return turn;
    }

    public void End(Http2Stream stream, Http2Turn turn)
    {
        _shard.Return(turn);
        var last = _active[^1];
        _active[stream.Index] = last;
        last.Index = stream.Index;
        _active.RemoveAt(_active.Count - 1);
        if (_active.Count > 0) return;
        _idleSinceMs = Loop.NowMs;
        _shard.MarkActive(this, isActive: false);
    }

    /// <summary>Kestrel has done with it.</summary>
    public async Task EndAsync()
    {
        await Transport.EndAsync();
        _shard.Remove(this);
        CloseOwn();
    }

    /// <summary>GOAWAY; exchanges under way end in peace, and the connection with the last of them.</summary>
    public override void Drain()
    {
        Close();
        foreach (var stream in _active) stream.Exchange?.Upgrade?.Tunnel?.Drain();
    }

    public override long BornMs => _bornMs;

    public override int Streams => _active.Count;

    public override long MemoryBytes
    {
        get
        {
            long bytes = ConnectionCosts.Http2Connection
                + (Facts?.Tls is null ? 0 : ConnectionCosts.Tls)
                + ((long)_mostStreams * ConnectionCosts.Http2Stream);
            foreach (var stream in _active)
                bytes += ConnectionCosts.Exchange + (stream.Exchange?.HeadBufferBytes ?? 0);
            return bytes;
        }
    }

    public override void Shed() => Close();

    public override void Break()
    {
        foreach (var stream in _active) stream.Cancel(CancelReason.Draining);
        _connection.Reset();
    }

    public override ConnectionView Describe()
    {
        var exchange = _active.Count == 0 ? null : _active[0].Exchange;
        double? elapsed = exchange is null
            ? null
            : Loop.Time.GetElapsedTime(exchange.StartTimestamp, Loop.NowTimestamp).TotalSeconds;
        bool hasHead = exchange?.Request.HeadLength > 0;
        return new ConnectionView(
            Listener.Name, _active.Count == 0 ? "idle" : "active", Encoding.ASCII.GetString(Client.Utf8),
            (Loop.NowMs - _bornMs) / 1000.0, _requests,
            hasHead ? Encoding.ASCII.GetString(exchange!.Request.MethodRange.Of(exchange.HeadBytes)) : null,
            exchange?.Route?.Id, elapsed, Streams, MemoryBytes);
    }

    private void Close()
    {
        if (_isClosing) return;
        _isClosing = true;
        _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    /// <summary>A connection may outlive the configuration it was accepted under.</summary>
    private void Follow()
    {
        var snapshot = _shard.Processor.SnapshotFor(Lot);
        if (ReferenceEquals(snapshot.Forwarding, _forwarding)) return;
        _forwarding = snapshot.Forwarding;
        Limits = snapshot.ConnectionLimits;
        Client = _shard.ClientOf(_connection.RemoteEndPoint, snapshot.Forwarding);
    }
}

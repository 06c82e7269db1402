using System.Buffers.Binary;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http;
using DataPlane.Http.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// An HTTP/2 connection to an endpoint (RFC 9113), and the streams on it: exchanges of one loop share it. What comes is
/// <see cref="FrameInput"/>'s, what goes <see cref="FrameOutput"/>'s; here is what both change. Streams that something
/// came for go on after the batch of frames it came in, one after the other. Loop thread; 0 bytes per stream once it
/// has had as many.
/// </summary>
internal sealed class MultiplexedConnection : ILoopTimerTarget
{
    private const int LastId = int.MaxValue - 2;

    private readonly LoopConnection _transport;
    private readonly Http2Pool _pool;
    private readonly UpstreamSettings _settings;
    private readonly Http2Settings _http2;
    private readonly FrameOutput _output;
    private readonly FrameInput _input;
    private readonly PeerSettings _peer = new();
    private readonly Dictionary<int, UpstreamStream> _streams = [];
    private readonly Stack<UpstreamStream> _spares = new();
    private readonly List<UpstreamStream> _waiting = [];
    private readonly LoopTimer _ping;
    private readonly Action<object?> _tellReady;
    private readonly object? _tlsTerms;
    private readonly long _bornMs;
    private readonly int _ageJitterMs;
    private FieldListSize? _listSize;
    private UpstreamStream? _firstReady;
    private UpstreamStream? _lastReady;
    private long _idleSinceMs;
    private long _heardMs;
    private int _sendWindow = Http2FrameHead.DefaultWindow;
    private int _nextId = 1;
    private int _taken;
    private bool _isDraining;
    private bool _isPinged;
    private bool _isTelling;

    public MultiplexedConnection(LoopConnection transport, Http2Pool pool, UpstreamSettings settings)
    {
        _transport = transport;
        _pool = pool;
        _settings = settings;
        _http2 = settings.Http2!;
        _output = new FrameOutput(transport, OnRoom);
        _input = new FrameInput(this, transport, _http2.ResponseHeadBytes);
        _ping = new LoopTimer(this);
        _tellReady = _ => TellReady();
        _bornMs = _idleSinceMs = _heardMs = transport.Loop.NowMs;
        _ageJitterMs = Random.Shared.Next(settings.MaxAgeMs / 10 + 1);
        _tlsTerms = pool.Endpoint.Tls?.Terms;
    }

    public EventLoop Loop => _transport.Loop;

    public bool IsClosed { get; private set; }

    /// <summary>Of a closed one: why, for those who had no stream of it yet.</summary>
    public ExchangeOutcome Failure { get; private set; } = ExchangeOutcome.UpstreamClosed;

    /// <summary>What a response may be ahead of its reader.</summary>
    public int StreamWindowBytes => _http2.StreamWindowBytes;

    /// <summary>Counts up with what the upstream sends.</summary>
    public long BatchesReceived { get; private set; }

    /// <summary>The next block is the first: it says that this side keeps no table.</summary>
    public bool IsFresh => _nextId == 1;

    /// <summary>Says hello, and reads from now on.</summary>
    public void Start()
    {
        _output.WriteRaw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[18];
        PutSetting(settings, Http2Setting.EnablePush, 0);
        PutSetting(settings[6..], Http2Setting.InitialWindowSize, StreamWindowBytes);
        PutSetting(settings[12..], Http2Setting.MaxHeaderListSize, _http2.ResponseHeadBytes);
        _output.Write(Http2FrameType.Settings, Http2Flags.None, 0, settings);
        GrowPeersWindow(0, Limits.Http2ReceiveWindowBytes - Http2FrameHead.DefaultWindow);
        if (_http2.PingMs > 0) Loop.Timers.Set(_ping, Loop.NowMs + _http2.PingMs);
        _ = _input.RunAsync();
    }

    /// <summary>Takes new streams, as far as it has room.</summary>
    public bool IsOpen(long nowMs) => !IsClosed && !_isDraining && !IsExpired(nowMs);

    /// <summary>Good for another stream now.</summary>
    public bool HasRoom(long nowMs) => _taken < _peer.Streams && !_output.IsBlocked && IsOpen(nowMs);

    /// <summary>Takes a place, which <see cref="UpstreamStream.Release"/> gives back.</summary>
    public UpstreamStream Take(RequestMethod method, in HeadLimits limits)
    {
        _taken++;
        if (!_spares.TryPop(out var stream)) stream = new UpstreamStream(this);
        stream.Begin(method, in limits);
        return stream;
    }

    public void Release(UpstreamStream stream)
    {
        if (stream.Id != 0) _streams.Remove(stream.Id);
        if (stream.IsListed) _waiting.Remove(stream);
        stream.IsListed = false;
        _taken--;
        if (_spares.Count < Limits.SpareExchanges) _spares.Push(stream);
        if (_taken == 0)
        {
            _idleSinceMs = Loop.NowMs;
            if (_isDraining || _pool.Endpoint.IsRetired) Close();
        }
        _pool.OnRoom(this);
    }

    /// <summary>No new streams; those under way end first.</summary>
    public void Drain()
    {
        if (IsClosed) return;
        _isDraining = true;
        if (_taken == 0) Close();
    }

    /// <summary>Too long unused, too old, or opened under other terms of TLS than hold now.</summary>
    public bool IsExpired(long nowMs) =>
        (_taken == 0 && nowMs - _idleSinceMs > _settings.IdleTimeoutMs)
        || !ReferenceEquals(_tlsTerms, _pool.Endpoint.Tls?.Terms)
        || nowMs - _bornMs > _settings.MaxAgeMs - _ageJitterMs;

    /// <summary>Room for a header block, encoded in place; sent by <see cref="TrySendBlock"/>.</summary>
    public Span<byte> ReserveBlock(int mostBytes) => _output.Reserve(mostBytes);

    /// <summary>
    /// Whether the peer takes so large a list of fields, of the block that was written to <see cref="ReserveBlock"/>;
    /// it has at most <paramref name="fields"/>. A longer one would be answered by 431, or cost the connection.
    /// </summary>
    public bool Takes(int length, int fields)
    {
        if (FieldListSize.Most(length, fields) <= _peer.FieldListBytes) return true;
        _listSize ??= new FieldListSize();
        return _listSize.Of(_output.Reserve(length)[..length], Loop) <= _peer.FieldListBytes;
    }

    /// <summary>
    /// Sends the block that was written to <see cref="ReserveBlock"/>: a head, which gives the stream its id, or
    /// trailers. One that does not end the stream goes out with what follows. False when the connection takes no
    /// streams any more: nothing was sent.
    /// </summary>
    public bool TrySendBlock(UpstreamStream stream, int length, bool endsStream)
    {
        if (IsClosed || (stream.Id == 0 && _isDraining) || stream.IsReset) return false;
        if (stream.Id == 0)
        {
            stream.OnSent(_nextId, _peer.Window);
            _streams.Add(_nextId, stream);
            if (_nextId >= LastId) _isDraining = true;
            _nextId += 2;
        }
        var flags = endsStream ? Http2Flags.EndStream : Http2Flags.None;
        bool isWhole = length <= Http2FrameHead.DefaultPayloadBytes;
        var head = new Http2FrameHead(length, Http2FrameType.Headers, flags | Http2Flags.EndHeaders, stream.Id);
        if (isWhole) _output.Commit(in head);
        else SendInPieces(stream.Id, length, flags);
        if (!endsStream) return true;
        stream.OnEndSent();
        _output.FlushSoon();
        return true;
    }

    /// <summary>What was written goes out, though nothing follows yet.</summary>
    public void FlushSoon() => _output.FlushSoon();

    /// <summary>Bytes of a body that may be sent on it now.</summary>
    public int RoomOf(UpstreamStream stream) => _output.IsBlocked ? 0 : Math.Min(_sendWindow, stream.SendWindow);

    public int SendData(UpstreamStream stream, ReadOnlySpan<byte> bytes, bool endsStream)
    {
        if (stream.IsGone) return 0;
        int sent = 0;
        while (sent < bytes.Length || (bytes.IsEmpty && endsStream && !stream.HasEndedOutput))
        {
            int room = Math.Min(Math.Min(_sendWindow, stream.SendWindow), Http2FrameHead.DefaultPayloadBytes);
            if (!bytes.IsEmpty && (room <= 0 || _output.IsBlocked)) break;
            int length = Math.Min(bytes.Length - sent, Math.Max(0, room));
            bool isEnd = endsStream && sent + length == bytes.Length;
            _output.Write(
                Http2FrameType.Data, isEnd ? Http2Flags.EndStream : Http2Flags.None, stream.Id,
                bytes.Slice(sent, length));
            _sendWindow -= length;
            stream.OnDataSent(length, isEnd);
            sent += length;
            _output.FlushMuch();
        }
        _output.FlushSoon();
        return sent;
    }

    public void GrowPeersWindow(int stream, int by)
    {
        _output.WriteNumber(Http2FrameType.WindowUpdate, stream, (uint)by);
        _output.FlushSoon();
    }

    /// <summary>Ends a stream on our side; what still comes for it is dropped.</summary>
    public void Reset(UpstreamStream stream, Http2ErrorCode code)
    {
        _streams.Remove(stream.Id);
        _output.WriteNumber(Http2FrameType.ResetStream, stream.Id, (uint)code);
        _output.FlushSoon();
    }

    /// <summary>The stream waits until it may send.</summary>
    public void AwaitRoom(UpstreamStream stream)
    {
        if (!stream.IsListed) _waiting.Add(stream);
        stream.IsListed = true;
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (IsClosed) return;
        long dueMs = _heardMs + _http2.PingMs;
        if (dueMs > Loop.NowMs)
        {
            _isPinged = false;
            Loop.Timers.Set(_ping, dueMs);
        }
        else if (_isPinged)
        {
            // Silence, and no answer to the question: nobody is there.
            Break(Http2ErrorCode.NoError, ExchangeOutcome.UpstreamClosed);
        }
        else
        {
            _isPinged = true;
            _output.Write(Http2FrameType.Ping, Http2Flags.None, 0, "dataplan"u8);
            _output.FlushSoon();
            Loop.Timers.Set(_ping, Loop.NowMs + _http2.PingTimeoutMs);
        }
    }

    /// <summary>Bytes have come: frames follow, up to <see cref="EndBatch"/>.</summary>
    internal void BeginBatch()
    {
        BatchesReceived++;
        _heardMs = Loop.NowMs;
        _isPinged = false;
        _isTelling = _output.IsHeldBack = true;
    }

    internal void EndBatch()
    {
        RunReady();
        _isTelling = _output.IsHeldBack = false;
        _output.FlushSoon();
        // A peer that asks and does not read the answers.
        if (_output.IsFlooded) BreakFlood(UpstreamFlood.Unread);
    }

    /// <summary>Null for a stream that is over. False for one that never was: an error of the connection.</summary>
    internal bool TryFind(int id, out UpstreamStream? stream)
    {
        stream = null;
        return _streams.TryGetValue(id, out stream) || (id % 2 == 1 && id < _nextId);
    }

    /// <summary>Something has come for it.</summary>
    internal void Tell(UpstreamStream stream)
    {
        if (stream.IsReady) return;
        stream.IsReady = true;
        if (_lastReady is null) _firstReady = stream;
        else _lastReady.NextReady = stream;
        _lastReady = stream;
        if (_isTelling) return;
        _isTelling = true;
        Loop.PostContinuation(_tellReady, state: null);
    }

    /// <summary>The upstream's response is none: its stream ends, the connection goes on.</summary>
    internal void Refuse(UpstreamStream stream, Http2ErrorCode code) =>
        Abandon(stream, code, ExchangeOutcome.UpstreamProtocolError);

    /// <summary>Ends a stream on our side, and tells its exchange why; the connection goes on.</summary>
    internal void Abandon(UpstreamStream stream, Http2ErrorCode code, ExchangeOutcome outcome)
    {
        Reset(stream, code);
        stream.Fail(outcome, isReset: true);
        Tell(stream);
    }

    internal void OnReset(UpstreamStream stream, Http2ErrorCode code)
    {
        _streams.Remove(stream.Id);
        stream.Fail(OutcomeOf(code), isReset: true, isUnprocessed: code == Http2ErrorCode.RefusedStream);
        Tell(stream);
    }

    internal void OnGoaway(int lastId)
    {
        _isDraining = true;
        foreach (var (id, stream) in _streams)
        {
            if (id <= lastId) continue;
            stream.Fail(ExchangeOutcome.UpstreamClosed, isReset: true, isUnprocessed: true);
            Tell(stream);
        }
        if (_taken == 0) Close();
    }

    /// <summary>What the upstream does wrong, or no error.</summary>
    internal Http2ErrorCode OnSettings(ReadOnlySpan<byte> payload)
    {
        int before = _peer.Window;
        var code = _peer.Take(payload);
        if (code != Http2ErrorCode.NoError) return code;
        foreach (var stream in _streams.Values)
        {
            if (before == _peer.Window) break;
            if (!stream.TryGrowWindow(_peer.Window - before)) return Http2ErrorCode.FlowControlError;
        }
        if (_peer.Window > before) TellRoom();
        _output.Write(Http2FrameType.Settings, Http2Flags.Acknowledgement, 0, []);
        _pool.OnRoom(this);
        return Http2ErrorCode.NoError;
    }

    internal bool HasSettings => _peer.HasCome;

    internal void OnPing(ReadOnlySpan<byte> payload) =>
        _output.Write(Http2FrameType.Ping, Http2Flags.Acknowledgement, 0, payload);

    /// <summary>False when the connection's window would become larger than any.</summary>
    internal bool TryGrowWindow(int by)
    {
        long grown = (long)_sendWindow + by;
        if (grown > Http2FrameHead.LargestWindow) return false;
        _sendWindow = (int)grown;
        TellRoom();
        return true;
    }

    /// <summary>
    /// Ends the connection and all its streams: the upstream has broken the protocol, or is gone.
    /// </summary>
    internal void Break(Http2ErrorCode code, ExchangeOutcome outcome)
    {
        if (IsClosed) return;
        Failure = outcome;
        if (code != Http2ErrorCode.NoError) _output.WriteGoaway(code);
        _output.IsHeldBack = false;
        _output.FlushSoon();
        End();
        _transport.Close();
        foreach (var stream in _streams.Values)
        {
            stream.Fail(outcome, isReset: false);
            Tell(stream);
        }
    }

    /// <summary>The same for an upstream that floods it: counted by what passed the bound.</summary>
    internal void BreakFlood(UpstreamFlood flood)
    {
        if (IsClosed) return;
        _pool.Endpoint.Floods.Count(flood);
        Break(Http2ErrorCode.EnhanceYourCalm, ExchangeOutcome.UpstreamProtocolError);
    }

    internal static ExchangeOutcome OutcomeOf(Http2ErrorCode code) => code
        is Http2ErrorCode.ProtocolError or Http2ErrorCode.FlowControlError or Http2ErrorCode.FrameSizeError
        or Http2ErrorCode.CompressionError
        ? ExchangeOutcome.UpstreamProtocolError
        : ExchangeOutcome.UpstreamClosed;

    /// <summary>In peace: nobody uses it.</summary>
    private void Close()
    {
        if (IsClosed) return;
        _output.WriteGoaway(Http2ErrorCode.NoError);
        _output.IsHeldBack = false;
        _output.FlushSoon();
        End();
        // Settings and windows that cross our goodbye must not turn it into a reset.
        _transport.InputExpected = true;
        _transport.Close();
    }

    private void End()
    {
        IsClosed = true;
        Loop.Timers.Cancel(_ping);
        _pool.Remove(this);
    }

    private void OnRoom()
    {
        TellRoom();
        _pool.OnRoom(this);
    }

    private void TellRoom()
    {
        foreach (var stream in _waiting)
        {
            stream.IsListed = false;
            if (stream.WaitsForRoom) Tell(stream);
        }
        _waiting.Clear();
    }

    private void TellReady()
    {
        RunReady();
        _isTelling = false;
    }

    private void RunReady()
    {
        while (_firstReady is { } stream)
        {
            _firstReady = stream.NextReady;
            if (_firstReady is null) _lastReady = null;
            stream.NextReady = null;
            stream.IsReady = false;
            stream.EndWaits();
        }
    }

    private void SendInPieces(int id, int length, Http2Flags flags)
    {
        byte[] block = Loop.Slabs.Rent(length);
        ReadOnlySpan<byte> rest = block.AsSpan(0, length);
        _output.Reserve(length)[..length].CopyTo(block);
        var type = Http2FrameType.Headers;
        while (!rest.IsEmpty)
        {
            int taken = Math.Min(rest.Length, Http2FrameHead.DefaultPayloadBytes);
            if (taken == rest.Length) flags |= Http2Flags.EndHeaders;
            _output.Write(type, flags, id, rest[..taken]);
            rest = rest[taken..];
            type = Http2FrameType.Continuation;
            flags = Http2Flags.None;
        }
        Loop.Slabs.Return(block);
    }

    private static void PutSetting(Span<byte> destination, Http2Setting setting, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)setting);
        BinaryPrimitives.WriteInt32BigEndian(destination[2..], value);
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The body of an HTTP/1.1 request. It first hands out what came in the same read as the head, without giving the
/// transport's buffer back in between: such a body goes to the upstream from where the kernel put it. Whoever waits
/// for something else in the meantime calls <see cref="Park"/>.
/// </summary>
internal sealed class Http1RequestBody : RequestBody
{
    private Http1Connection _connection = null!;
    private Exchange _exchange = null!;
    private ReadOnlySequence<byte> _held;
    private ChunkedDecoder _chunks;
    private BodyFraming _framing;
    private BodyStatus _failure;
    private long _left;
    private long _limit;
    private long _contentBytes;
    private int _runLength;
    private bool _holds;
    private bool _ended;
    private bool _touched;
    private bool _cancelled;

    public override bool IsEmpty => _framing == BodyFraming.None || (_framing == BodyFraming.Length && Length == 0);

    public override long Length => _framing == BodyFraming.Chunked ? -1 : _exchange.Request.ContentLength;

    public override bool IsTouched => _touched;

    /// <summary>The body was read to its end: the next head follows.</summary>
    public bool HasEnded => _ended;

    /// <summary>The read that ended this body held bytes behind it: more requests.</summary>
    public bool LeftMore { get; private set; }

    /// <summary>Milliseconds spent waiting for the client, which the minimum rate is measured over.</summary>
    public long WaitedMs { get; set; }

    public void Begin(Http1Connection connection, Exchange exchange)
    {
        _connection = connection;
        _exchange = exchange;
    }

    /// <summary>
    /// Starts the body behind a complete head; <paramref name="rest"/> is what the read holds after it.
    /// </summary>
    public void Attach(in ReadOnlySequence<byte> rest, int trailerBytes, int trailerFields)
    {
        var request = _exchange.Request;
        _framing = request.Framing;
        _left = request.ContentLength;
        _limit = long.MaxValue;
        _held = rest;
        _holds = true;
        if (_framing == BodyFraming.Chunked)
        {
            _chunks = new ChunkedDecoder(trailerBytes, trailerFields, Limits.ChunkExtensionBytes);
        }
        _ended = IsEmpty;
        // The usual case, no body and nothing behind the head: the buffer goes back at once.
        if (_ended) Release();
    }

    /// <summary>The body has ended, and what follows it are a tunnel's bytes, up to the client's FIN.</summary>
    public void BeginTunnel()
    {
        _framing = BodyFraming.UntilClose;
        _limit = long.MaxValue;
        _touched = true;
        _ended = false;
    }

    public override ValueTask<BodyRead> ReadAsync()
    {
        if (!_touched)
        {
            _touched = true;
            _limit = _exchange.Route?.RequestBodyBytes ?? long.MaxValue;
        }
        return TryTake(out var read) ? new ValueTask<BodyRead>(read) : WaitAsync();
    }

    public override void Advance()
    {
        _held = _held.Slice(_runLength);
        _runLength = 0;
        if (_ended) Release();
    }

    public override void Park()
    {
        if (_runLength == 0) Release();
    }

    public override void CancelRead()
    {
        _cancelled = true;
        _connection.Input.CancelPendingRead();
    }

    public override void OfferTo(IInputTaker? taker) => _connection.Transport.OfferInputTo(taker);

    /// <summary>
    /// Reads and drops what is left, up to a bound, so that the connection can go on. Waits only for the body.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<bool> DrainAsync()
    {
        for (long dropped = 0; !_ended && dropped < Limits.DrainedBodyBytes;)
        {
            var read = await ReadAsync();
            if (read.Status == BodyStatus.End) break;
            if (read.Status != BodyStatus.Bytes) return false;
            dropped += read.Bytes.Length;
            Advance();
        }
        return _ended;
    }

    /// <summary>Gives the transport's buffer back, with what was not consumed still in it.</summary>
    public void Release()
    {
        if (!_holds) return;
        _holds = false;
        LeftMore = _ended && !_held.IsEmpty;
        _connection.Input.AdvanceTo(_held.Start);
        _held = default;
    }

    public void Reset()
    {
        _connection = null!;
        _exchange = null!;
        _held = default;
        _framing = BodyFraming.None;
        _failure = BodyStatus.Bytes;
        _left = _contentBytes = _runLength = 0;
        _holds = _ended = _touched = _cancelled = LeftMore = false;
        WaitedMs = 0;
    }

    /// <summary>The next run of what is held. False when the transport must be asked.</summary>
    private bool TryTake(out BodyRead read)
    {
        read = default;
        if (_ended || _failure != BodyStatus.Bytes)
        {
            read = new BodyRead(_ended ? BodyStatus.End : _failure, default, IsLast: true);
            return true;
        }
        while (_holds && TryFirst(out var memory))
        {
            if (_framing != BodyFraming.Chunked)
            {
                bool isBounded = _framing == BodyFraming.Length;
                read = Take(memory, 0, isBounded ? (int)Math.Min(memory.Length, _left) : memory.Length);
                return true;
            }
            if (TryTakeChunk(memory, ref read)) return true;
        }
        return false;
    }

    private bool TryFirst(out ReadOnlyMemory<byte> memory)
    {
        memory = default;
        if (_held.IsEmpty) return false;
        var next = _held.Start;
        while (_held.TryGet(ref next, out memory))
        {
            if (!memory.IsEmpty) return true;
            _held = _held.Slice(next);
        }
        return false;
    }

    private bool TryTakeChunk(ReadOnlyMemory<byte> memory, ref BodyRead read)
    {
        var status = _chunks.Read(memory.Span, out int consumed, out var data);
        switch (status)
        {
            case ChunkStatus.Data:
                _held = _held.Slice(data.Start);
                _exchange.BodyBytesReceived += data.Start;
                read = Take(memory, data.Start, data.Length);
                return true;
            case ChunkStatus.Invalid:
                read = Fail(BodyStatus.Malformed);
                return true;
            case ChunkStatus.End:
                _held = _held.Slice(consumed);
                _ended = true;
                Release();
                read = new BodyRead(BodyStatus.End, default, IsLast: true);
                return true;
            default:
                _held = _held.Slice(consumed);
                return false;
        }
    }

    private BodyRead Take(ReadOnlyMemory<byte> memory, int start, int length)
    {
        _runLength = length;
        _exchange.BodyBytesReceived += length;
        if (_framing == BodyFraming.Length)
        {
            _left -= length;
            _ended = _left == 0;
        }
        else if ((_contentBytes += length) > _limit)
        {
            _runLength = 0;
            return Fail(BodyStatus.TooLarge);
        }
        return new BodyRead(BodyStatus.Bytes, memory.Slice(start, length), _ended);
    }

    private BodyRead Fail(BodyStatus status)
    {
        _failure = status;
        Release();
        return new BodyRead(status, default, IsLast: true);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<BodyRead> WaitAsync()
    {
        while (true)
        {
            ReleaseConsumed();
            if (_exchange.Request.ExpectContinue && !await _connection.ContinueAsync())
            {
                return Fail(BodyStatus.PeerGone);
            }
            if (_cancelled) return Cancelled();
            bool isTimed = _framing != BodyFraming.UntilClose;
            if (isTimed) _connection.BeginBodyWait();
            var result = await _connection.Input.ReadAsync();
            bool tooSlow = isTimed && _connection.EndBodyWait();
            _held = result.Buffer;
            _holds = true;
            if (result.IsCanceled && (tooSlow || _cancelled))
            {
                Release();
                return tooSlow ? Fail(BodyStatus.TooSlow) : Cancelled();
            }
            if (TryTake(out var read)) return read;
            if (result.IsCompleted) return isTimed ? Fail(BodyStatus.PeerGone) : EndOfTunnel();
        }
    }

    private BodyRead EndOfTunnel()
    {
        if (_connection.Transport.Peer == PeerState.Gone) return Fail(BodyStatus.PeerGone);
        _ended = true;
        Release();
        return new BodyRead(BodyStatus.End, default, IsLast: true);
    }

    private BodyRead Cancelled()
    {
        _cancelled = false;
        return new BodyRead(BodyStatus.Cancelled, default, IsLast: false);
    }

    /// <summary>Everything held is framing that was consumed: ask for more than that.</summary>
    private void ReleaseConsumed()
    {
        if (!_holds) return;
        _holds = false;
        _connection.Input.AdvanceTo(_held.Start, _held.End);
        _held = default;
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Bodies;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The body of an HTTP/2 request, out of Kestrel's pipe for the stream. What is read here, Kestrel gives back to the
/// client's window: an upstream that reads slowly holds the client up. Content-Length and the bytes that come are
/// compared by Kestrel, which resets the stream when they differ. Loop thread; waits end elsewhere and come back.
/// </summary>
internal sealed class Http2RequestBody(Http2Turn turn) : RequestBody
{
    private static readonly StreamPipeReaderOptions s_tunnelOptions = new(leaveOpen: true);

    private PipeReader? _input;
    private ReadOnlySequence<byte> _held;
    private TrailerFields? _trailers;
    private BodyStatus _failure;
    private long _limit;
    private long _contentBytes;
    private int _runLength;
    private bool _holds;
    private bool _isLast;
    private bool _ended;
    private bool _touched;
    private bool _waits;
    private bool _cancelled;
    private bool _tooSlow;
    private bool _isTunnel;

    public override bool IsEmpty => _input is null;

    public override long Length =>
        turn.Exchange.Request.Framing == DataPlane.Http.Requests.BodyFraming.Chunked
            ? -1
            : turn.Exchange.Request.ContentLength;

    public override bool IsTouched => _touched;

    public override TrailerFields? Trailers => _ended && _trailers is { IsEmpty: false } ? _trailers : null;

    /// <summary>Milliseconds spent waiting for the client, which the minimum rate is measured over.</summary>
    public long WaitedMs { get; private set; }

    /// <summary>The limits are ours to check; Kestrel's are the same for all routes, and for tunnels.</summary>
    public static void LiftLimits(IFeatureCollection features)
    {
        features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = null;
    }

    public void Attach(IFeatureCollection features)
    {
        LiftLimits(features);
        _input = features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
    }

    /// <summary>What the client sends from now on is a tunnel's, up to the end of its side of the stream.</summary>
    public void BeginTunnel(Stream stream)
    {
        _input = PipeReader.Create(stream, s_tunnelOptions);
        _limit = long.MaxValue;
        _touched = _isTunnel = true;
    }

    public override ValueTask<BodyRead> ReadAsync()
    {
        if (!_touched)
        {
            _touched = true;
            _limit = turn.Exchange.Route?.RequestBodyBytes ?? long.MaxValue;
        }
        return TryTake(out var read) ? new ValueTask<BodyRead>(read) : WaitAsync();
    }

    /// <summary>Of a body without a byte: waits for the end of the stream, and says what came instead.</summary>
    public async ValueTask<ExchangeOutcome> ReadEndAsync()
    {
        var read = await ReadAsync();
        return read.Status switch
        {
            BodyStatus.End => ExchangeOutcome.Completed,
            BodyStatus.TooSlow => ExchangeOutcome.RequestBodyTooSlow,
            BodyStatus.PeerGone or BodyStatus.Cancelled => ExchangeOutcome.ClientAborted,
            _ => ExchangeOutcome.BadRequestBody,
        };
    }

    public override void Advance()
    {
        _held = _held.Slice(_runLength);
        _runLength = 0;
        if (_held.IsEmpty) Release();
    }

    public override void Park()
    {
        if (_runLength == 0) Release();
    }

    public override void CancelRead()
    {
        _cancelled = true;
        EndWait();
    }

    /// <summary>The client has sent less than the minimum rate.</summary>
    public void OnTooSlow()
    {
        _tooSlow = true;
        EndWait();
    }

    public void Reset()
    {
        if (_isTunnel) _input!.Complete();
        _input = null;
        _held = default;
        _trailers?.Clear();
        _failure = BodyStatus.Bytes;
        _contentBytes = _runLength = 0;
        _holds = _isLast = _ended = _touched = _waits = _cancelled = _tooSlow = _isTunnel = false;
        WaitedMs = 0;
    }

    private bool TryTake(out BodyRead read)
    {
        read = default;
        if (_input is null) _ended = true;
        if (_failure != BodyStatus.Bytes)
        {
            read = new BodyRead(_failure, default, IsLast: true);
            return true;
        }
        if (_holds && !_held.IsEmpty)
        {
            read = TakeRun();
            return true;
        }
        if (_isLast) End();
        if (!_ended) return false;
        read = new BodyRead(BodyStatus.End, default, IsLast: true);
        return true;
    }

    private BodyRead TakeRun()
    {
        var run = _held.First;
        if (run.IsEmpty)
        {
            var next = _held.Start;
            while (_held.TryGet(ref next, out run) && run.IsEmpty) _held = _held.Slice(next);
        }
        _runLength = run.Length;
        turn.Exchange.BodyBytesReceived += run.Length;
        if ((_contentBytes += run.Length) > _limit)
        {
            _runLength = 0;
            return Fail(BodyStatus.TooLarge);
        }
        bool isLast = _isLast && run.Length == _held.Length;
        return new BodyRead(BodyStatus.Bytes, run, isLast || _contentBytes == Length);
    }

    // Continues on the thread pool when Kestrel has bytes; the rest of it is the loop's.
    private async ValueTask<BodyRead> WaitAsync()
    {
        var loop = turn.Exchange.Loop;
        while (true)
        {
            Release();
            if (_cancelled) return Cancelled();
            long startMs = loop.NowMs;
            ReadResult result = default;
            bool isBroken = false;
            _waits = true;
            if (!_isTunnel) turn.BeginBodyWait();
            try
            {
                result = await _input!.ReadAsync();
            }
            catch (Exception failure) when (IsGone(failure))
            {
                isBroken = true;
            }
            await loop.SwitchTo();
            _waits = false;
            turn.EndBodyWait();
            WaitedMs += loop.NowMs - startMs;
            if (isBroken) return Fail(BodyStatus.PeerGone);
            _held = result.Buffer;
            _holds = true;
            _isLast = result.IsCompleted;
            if (result.IsCanceled && (_tooSlow || _cancelled))
            {
                Release();
                return _tooSlow ? Fail(BodyStatus.TooSlow) : Cancelled();
            }
            if (TryTake(out var read)) return read;
        }
    }

    private void End()
    {
        Release();
        _ended = true;
        _isLast = false;
        var trailers = turn.Stream.Features.Get<IHttpRequestTrailersFeature>();
        if (trailers is not { Available: true } || trailers.Trailers.Count == 0) return;
        _trailers ??= new TrailerFields();
        foreach (var (name, values) in trailers.Trailers)
        {
            foreach (string? value in values)
            {
                _trailers.TryAdd(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value ?? ""));
            }
        }
    }

    private BodyRead Cancelled()
    {
        _cancelled = false;
        return new BodyRead(BodyStatus.Cancelled, default, IsLast: false);
    }

    private BodyRead Fail(BodyStatus status)
    {
        _failure = status;
        Release();
        return new BodyRead(status, default, IsLast: true);
    }

    private void Release()
    {
        if (!_holds) return;
        _holds = false;
        try
        {
            _input!.AdvanceTo(_held.Start);
        }
        catch (Exception failure) when (IsGone(failure))
        {
            // A connection that Kestrel has broken off says so at every call; the next read reports it.
        }
        _held = default;
    }

    private void EndWait()
    {
        if (!_waits) return;
        try
        {
            _input!.CancelPendingRead();
        }
        catch (Exception failure) when (IsGone(failure))
        {
            // The read that waits has ended by the same failure.
        }
    }

    private static bool IsGone(Exception failure) =>
        failure is IOException or ConnectionAbortedException or OperationCanceledException or BadHttpRequestException;
}

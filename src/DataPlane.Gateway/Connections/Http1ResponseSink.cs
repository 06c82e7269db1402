using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Writes the response of an HTTP/1.1 exchange. Head and small runs gather in the transport's buffer and leave in one
/// send, at the latest when the exchange completes; a large run goes out from where it is. Replies to pipelined
/// requests
/// share a send. Loop thread; 0 bytes.
/// </summary>
internal sealed class Http1ResponseSink(Exchange exchange) : ResponseSink
{
    private Http1Connection _connection = null!;
    private PipeWriter _output = null!;
    private TrailerFields? _trailers;
    private bool _chunked;
    private bool _bodyless;
    private bool _aborted;
    private bool _isTunnel;

    /// <summary>The response's length can only be told by closing, or the connection cannot be used again.</summary>
    public bool MustClose { get; private set; }

    public bool IsAborted => _aborted;

    public void Begin(Http1Connection connection)
    {
        _connection = connection;
        _output = connection.Output;
    }

    public void Reset()
    {
        ResetSink();
        _trailers?.Clear();
        _connection = null!;
        _output = null!;
        _chunked = _bodyless = _aborted = _isTunnel = MustClose = false;
    }

    public override TrailerFields? Trailers =>
        _chunked && exchange.Request.TakesTrailers(exchange.HeadBytes) ? _trailers ??= new TrailerFields() : null;

    public override void Start()
    {
        var draft = exchange.Response;
        ApplyPolicies();
        var request = exchange.Request;
        int status = draft.StatusCode;
        bool hasNoBody = status is < 200 or 204 or 304;
        _bodyless = hasNoBody || request.Method == RequestMethod.Head;
        _chunked = !_bodyless && draft.BodyLength < 0 && request.VersionMinor == 1;
        MustClose = !_connection.MayKeepAlive() || (!_bodyless && draft.BodyLength < 0 && !_chunked);
        // A 204 must not tell a length (RFC 9110 8.6); a 304 and an answer to HEAD may tell what a GET would have.
        bool writesLength = !_chunked && draft.BodyLength >= 0 && status is >= 200 and not 204
            && (status != 304 || draft.BodyLength > 0);
        int written = ResponseHeadWriter.Write(
            _output, exchange, _connection.Shard.Date, writesLength, _chunked, MustClose);
        BytesSent += written;
        IsStarted = true;
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bodyless || bytes.IsEmpty) return;
        BytesSent += bytes.Length;
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        _output.Advance(bytes.Length);
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_aborted) return new ValueTask<bool>(result: false);
        if (_bodyless || bytes.IsEmpty) return new ValueTask<bool>(result: true);
        if (_connection.Continuing is { IsCompleted: false } interim) return WriteBehindAsync(interim, bytes);
        int overhead = _chunked ? WriteSizeLine(bytes.Length) + 2 : 0;
        BytesSent += bytes.Length + overhead;
        if (bytes.Length <= Limits.CoalescedBodyBytes)
        {
            bytes.Span.CopyTo(_output.GetSpan(bytes.Length));
            _output.Advance(bytes.Length);
            if (_chunked) Put(ChunkedEncoder.Crlf);
            return _output.UnflushedBytes < Limits.CoalescedReplyBytes
                ? new ValueTask<bool>(result: true)
                : FlushAsync();
        }
        var write = _output.WriteAsync(bytes);
        if (!write.IsCompletedSuccessfully) return WaitAsync(write, bytes.Length);
        bool sent = Judge(write.Result);
        if (sent && _chunked) Put(ChunkedEncoder.Crlf);
        return new ValueTask<bool>(sent);
    }

    public override ValueTask<bool> FlushAsync()
    {
        if (_aborted) return new ValueTask<bool>(result: false);
        return Flush(soon: false);
    }

    public override ValueTask<bool> CompleteAsync()
    {
        if (_aborted || !IsStarted) return new ValueTask<bool>(result: false);
        if (_chunked)
        {
            if (_trailers is not null) exchange.Response.Rules?.RemoveFrom(_trailers);
            var trailers = _trailers is null ? default : _trailers.Lines;
            Put(ChunkedEncoder.LastSizeLine);
            Put(trailers);
            Put(ChunkedEncoder.Crlf);
            BytesSent += ChunkedEncoder.FinalChunk.Length + trailers.Length;
        }
        // More requests in hand: their replies join this one, within bounds.
        bool gathers = !MustClose && _connection.HasMoreInput && _output.UnflushedBytes < Limits.CoalescedReplyBytes;
        return gathers ? new ValueTask<bool>(result: true) : Flush(soon: true);
    }

    public override void Abort()
    {
        _aborted = true;
        MustClose = true;
        if (Failure == ExchangeOutcome.Completed) Failure = ExchangeOutcome.ClientAborted;
        // A tunnel breaks off while one of its directions may be waiting for the client.
        if (_isTunnel) _output.CancelPendingFlush();
    }

    public override bool CanTunnel => !_connection.IsEnding;

    public override ValueTask<bool> StartTunnelAsync()
    {
        ApplyPolicies();
        BytesSent += ResponseHeadWriter.Write(
            _output, exchange, _connection.Shard.Date, writesLength: false, chunked: false, closes: false);
        IsStarted = _isTunnel = MustClose = true;
        _connection.BeginTunnel();
        return new ValueTask<bool>(result: true);
    }

    public override ValueTask<bool> EndTunnelAsync()
    {
        if (!_connection.Transport.CanHalfClose) return new ValueTask<bool>(result: false);
        var flush = FlushAsync();
        if (!flush.IsCompletedSuccessfully) return WaitEndAsync(flush);
        _output.Complete();
        return flush;
    }

    public override int PassNow(ReadOnlySpan<byte> bytes)
    {
        if (_aborted || _connection.Continuing is { IsCompleted: false }) return 0;
        int sent = _connection.Transport.SendNow(bytes);
        BytesSent += sent;
        return sent;
    }

    public override ValueTask<bool> FlushSoonAsync() =>
        _aborted ? new ValueTask<bool>(result: false) : Flush(soon: true);

    public override bool CanSplice(LoopConnection source) =>
        !_chunked && !_bodyless && source.CanSplice(_connection.Transport);

    public override ValueTask<long> SpliceAsync(LoopConnection source, long count)
    {
        var splice = source.SpliceToAsync(_connection.Transport, count);
        if (splice.IsCompletedSuccessfully)
        {
            BytesSent += splice.Result;
            return new ValueTask<long>(splice.Result);
        }
        return WaitSpliceAsync(splice, count);
    }

    private void ApplyPolicies()
    {
        if (exchange.Route is not { } route) return;
        foreach (var policy in route.ResponsePolicies) policy.OnResponse(exchange);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitEndAsync(ValueTask<bool> flush)
    {
        bool sent = await flush;
        _output.Complete();
        return sent;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<long> WaitSpliceAsync(ValueTask<long> splice, long count)
    {
        _connection.BeginWrite(count);
        long moved = await splice;
        if (_connection.EndWrite()) Fail(ExchangeOutcome.ClientTooSlow);
        else if (_connection.Transport.Peer == PeerState.Gone) Fail(ExchangeOutcome.ClientAborted);
        BytesSent += moved;
        return moved;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> write, int length)
    {
        bool sent = await WaitFlushAsync(write, length);
        if (sent && _chunked) Put(ChunkedEncoder.Crlf);
        return sent;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitFlushAsync(ValueTask<FlushResult> flush, long length)
    {
        _connection.BeginWrite(length);
        var result = await flush;
        if (_connection.EndWrite()) return Fail(ExchangeOutcome.ClientTooSlow);
        return Judge(result);
    }

    private ValueTask<bool> Flush(bool soon)
    {
        // Asked before the flush: afterwards some transports know of no unflushed bytes any more.
        long bytes = _output.UnflushedBytes;
        if (bytes == 0) return new ValueTask<bool>(result: true);
        if (_connection.Continuing is { IsCompleted: false } interim) return FlushBehindAsync(interim);
        var flush = soon ? _connection.Transport.FlushSoonAsync() : _output.FlushAsync();
        return flush.IsCompletedSuccessfully
            ? new ValueTask<bool>(Judge(flush.Result))
            : WaitFlushAsync(flush, bytes);
    }

    private async ValueTask<bool> FlushBehindAsync(Task<bool> interim) =>
        await interim ? await FlushAsync() : Fail(ExchangeOutcome.ClientTooSlow);

    private async ValueTask<bool> WriteBehindAsync(Task<bool> interim, ReadOnlyMemory<byte> bytes) =>
        await interim ? await WriteAsync(bytes) : Fail(ExchangeOutcome.ClientTooSlow);

    private bool Judge(FlushResult result) =>
        result is { IsCompleted: false, IsCanceled: false } || Fail(ExchangeOutcome.ClientAborted);

    private bool Fail(ExchangeOutcome failure)
    {
        Failure = failure;
        _aborted = true;
        MustClose = true;
        return false;
    }

    private int WriteSizeLine(int length)
    {
        int written = ChunkedEncoder.WriteSizeLine(_output.GetSpan(ChunkedEncoder.MaxSizeLineBytes), length);
        _output.Advance(written);
        return written;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        _output.Advance(bytes.Length);
    }
}

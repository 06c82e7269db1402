using System.IO.Pipelines;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Writes the response of an HTTP/2 exchange into Kestrel's stream. The head is rendered as for HTTP/1.1, in the one
/// place there is for it, and taken apart into the fields that Kestrel compresses. A small response waits for its end,
/// and leaves with it in one go. Loop thread; allocates the strings Kestrel wants, as far as they were not seen lately.
/// </summary>
internal sealed class Http2ResponseSink(Http2Turn turn) : ResponseSink
{
    // RFC 9113 7.
    private const int InternalError = 0x2;
    private const int Cancel = 0x8;

    private static readonly StreamPipeWriterOptions s_tunnelOptions = new(leaveOpen: true);
    private static readonly OperationCanceledException s_over = new();

    private PipeWriter _output = null!;
    private TrailerFields? _trailers;
    private long _unflushed;
    private bool _bodyless;
    private bool _tooSlow;
    private bool _isTunnel;

    public override TrailerFields? Trailers => _bodyless ? null : _trailers ??= new TrailerFields();

    public void Reset()
    {
        ResetSink();
        _trailers?.Clear();
        // With a reason, so that it does not try to write what nobody is there for.
        if (_isTunnel) _output.Complete(s_over);
        _output = null!;
        _unflushed = 0;
        _bodyless = _tooSlow = _isTunnel = false;
    }

    /// <summary>The stream was reset; nothing will arrive any more.</summary>
    public void OnAborted()
    {
        if (Failure == ExchangeOutcome.Completed) Failure = ExchangeOutcome.ClientAborted;
    }

    /// <summary>The client's window, or its connection, has not taken enough in time.</summary>
    public void OnTooSlow()
    {
        _tooSlow = true;
        Failure = ExchangeOutcome.ClientTooSlow;
        turn.Stream.Reset(Cancel);
    }

    public override void Start()
    {
        var exchange = turn.Exchange;
        var draft = exchange.Response;
        ApplyPolicies(exchange);
        // A client whose CONNECT is answered with 2xx takes what follows for the tunnel (RFC 8441 5).
        if (turn.Connect is not null && draft.StatusCode is >= 200 and < 300) draft.StatusCode = 501;
        int status = draft.StatusCode;
        _bodyless = status is < 200 or 204 or 304 || exchange.Request.Method == RequestMethod.Head;
        // A 204 must not tell a length (RFC 9110 8.6); a 304 and an answer to HEAD may tell what a GET would have.
        bool writesLength = draft.BodyLength >= 0 && status is >= 200 and not 204
            && (status != 304 || draft.BodyLength > 0);
        IsStarted = true;
        if (turn.Stream.IsAborted) return;
        turn.Stream.Response.StatusCode = status;
        var fields = turn.Stream.Response.Headers;
        if (writesLength) fields.ContentLength = draft.BodyLength;
        RenderFields(exchange, fields);
        _output = turn.Stream.Output.Writer;
    }

    public override bool CanTunnel => turn.Connect is not null && !turn.Stream.Connection.IsEnding;

    public override ValueTask<bool> StartTunnelAsync()
    {
        var exchange = turn.Exchange;
        ApplyPolicies(exchange);
        IsStarted = true;
        if (turn.Stream.IsAborted) return new ValueTask<bool>(result: false);
        // What was asked in HTTP/2 is answered as there.
        exchange.Response.StatusCode = turn.Stream.Response.StatusCode = 200;
        RenderFields(exchange, turn.Stream.Response.Headers);
        turn.Stream.Response.Headers.Remove("Sec-WebSocket-Accept");
        return AcceptAsync(turn.Connect!);
    }

    /// <summary>A stream whose one direction ends cannot be told from one that ends.</summary>
    public override ValueTask<bool> EndTunnelAsync() => new(result: false);

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bodyless || bytes.IsEmpty || turn.Stream.IsAborted) return;
        BytesSent += bytes.Length;
        _unflushed += bytes.Length;
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        _output.Advance(bytes.Length);
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (IsGone()) return new ValueTask<bool>(result: false);
        if (_bodyless || bytes.IsEmpty) return new ValueTask<bool>(result: true);
        while (!bytes.IsEmpty)
        {
            var room = _output.GetMemory(1);
            // Kestrel has ended the stream, and tells us a moment later: it may have no memory left for it.
            if (room.IsEmpty) return new ValueTask<bool>(result: false);
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _output.Advance(count);
            bytes = bytes[count..];
            BytesSent += count;
            _unflushed += count;
        }
        return _unflushed < Limits.CoalescedReplyBytes ? new ValueTask<bool>(result: true) : FlushAsync();
    }

    public override ValueTask<bool> FlushAsync()
    {
        if (!IsStarted) return new ValueTask<bool>(result: true);
        if (IsGone()) return new ValueTask<bool>(result: false);
        var flush = _output.FlushAsync();
        if (!flush.IsCompletedSuccessfully) return WaitAsync(flush);
        _unflushed = 0;
        return new ValueTask<bool>(flush.Result is { IsCompleted: false, IsCanceled: false });
    }

    public override ValueTask<bool> CompleteAsync()
    {
        if (IsGone() || !IsStarted) return new ValueTask<bool>(result: false);
        if (_isTunnel) return FlushAsync();
        if (_trailers is { IsEmpty: false }) SendTrailers(_trailers);
        // What is left is Kestrel's: it goes with the end of the stream.
        return new ValueTask<bool>(result: true);
    }

    public override void Abort()
    {
        if (Failure == ExchangeOutcome.Completed) Failure = ExchangeOutcome.ClientAborted;
        turn.Stream.Reset(InternalError);
    }

    private async ValueTask<bool> AcceptAsync(IHttpExtendedConnectFeature connect)
    {
        Stream? stream = null;
        try
        {
            Http2RequestBody.LiftLimits(turn.Stream.Features);
            stream = await connect.AcceptAsync();
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The client was faster.
        }
        await turn.Exchange.Loop.SwitchTo();
        if (stream is null || IsGone()) return false;
        // The response's own writer takes nothing of a CONNECT.
        _output = PipeWriter.Create(stream, s_tunnelOptions);
        _isTunnel = true;
        turn.Body.BeginTunnel(stream);
        if (turn.Stream.Connection.IsEnding) turn.Exchange.Upgrade!.Tunnel!.Drain();
        return true;
    }

    private static void ApplyPolicies(Exchange exchange)
    {
        if (exchange.Route is not { } route) return;
        foreach (var policy in route.ResponsePolicies) policy.OnResponse(exchange);
    }

    private bool IsGone() => turn.Stream.IsAborted || _tooSlow;

    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> flush)
    {
        turn.BeginWrite(_unflushed);
        FlushResult result = default;
        bool isBroken = false;
        try
        {
            result = await flush;
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            isBroken = true;
        }
        await turn.Exchange.Loop.SwitchTo();
        turn.EndWrite();
        _unflushed = 0;
        if (!isBroken && !IsGone() && result is { IsCompleted: false, IsCanceled: false }) return true;
        OnAborted();
        return false;
    }

    private void RenderFields(Exchange exchange, IHeaderDictionary fields)
    {
        var shard = turn.Stream.Connection.Shard;
        var slabs = exchange.Loop.Slabs;
        int bound = ResponseHeadWriter.BoundOf(exchange);
        byte[] head = slabs.Rent(bound);
        int length;
        while ((length = ResponseHeadWriter.TryWrite(
            head, exchange, shard.Date, writesLength: false, chunked: false, closes: false)) == 0)
        {
            bound = ResponseHeadWriter.LargerBound(bound, exchange);
            slabs.Return(head);
            head = slabs.Rent(bound);
        }
        BytesSent += length;
        ReadOnlySpan<byte> lines = head.AsSpan(0, length);
        // Past the status line; the status has gone its own way.
        lines = lines[(lines.IndexOf((byte)'\n') + 1)..^2];
        while (TrailerFields.TryTake(ref lines, out var name, out var value))
        {
            // The reply to a bad handshake is the same for both protocols.
            if (turn.Connect is not null && KnownHeaders.IsHopByHop(KnownHeaders.Identify(name))) continue;
            string key = shard.Texts.Of(name);
            string text = shard.Texts.Of(value);
            if (!fields.TryAdd(key, text)) fields.Append(key, text);
        }
        slabs.Return(head);
    }

    private void SendTrailers(TrailerFields trailers)
    {
        turn.Exchange.Response.Rules?.RemoveFrom(trailers);
        var fields = turn.Stream.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        var lines = trailers.Lines;
        while (TrailerFields.TryTake(ref lines, out var name, out var value))
        {
            fields.Append(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value));
        }
    }
}

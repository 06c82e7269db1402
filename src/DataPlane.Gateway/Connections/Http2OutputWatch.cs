using System.IO.Pipelines;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Looks at the heads of the frames that Kestrel's server sends: resets cost its client, responses that end earn. When
/// the budget was used up, the GOAWAY that ends the connection says so. Under Kestrel's lock; nothing is copied, 0
/// bytes.
/// </summary>
internal sealed class Http2OutputWatch(PipeWriter inner, Http2GlitchBudget budget) : PipeWriter
{
    private const byte EndStream = 0x1;

    // Offsets in the payload of GOAWAY, and the code it is given (RFC 9113 6.8 and 7).
    private const int GoAwayCodeStart = 4;
    private const int GoAwayCodeEnd = 8;
    private const byte EnhanceYourCalm = 0xb;

    private Http2FrameWalk _walk = new(leadBytes: 0);
    private Memory<byte> _lent;
    private int _dataFrames;
    private int _ended;
    private int _payloadAt;
    private int _payloadLeft;
    private bool _hasCode;

    /// <summary>Any thread.</summary>
    public int DataFrames => Volatile.Read(ref _dataFrames);

    /// <summary>Streams that ended since this was asked last. Any thread.</summary>
    public int TakeEnded() => Interlocked.Exchange(ref _ended, 0);

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _lent = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        Walk(_lent.Span[..bytes]);
        inner.Advance(bytes);
        _lent = _lent[bytes..];
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private void Walk(Span<byte> bytes)
    {
        if (_payloadLeft > 0) Look(bytes);
        ReadOnlySpan<byte> rest = bytes;
        while (_walk.TryNext(ref rest))
        {
            switch (_walk.Type)
            {
                case Http2FrameType.Data:
                    Volatile.Write(ref _dataFrames, _dataFrames + 1);
                    goto case Http2FrameType.Headers;
                case Http2FrameType.Headers:
                    if ((_walk.Flags & EndStream) == 0) break;
                    Interlocked.Increment(ref _ended);
                    budget.Earn();
                    break;
                case Http2FrameType.ResetStream or Http2FrameType.GoAway:
                    _payloadAt = 0;
                    _payloadLeft = _walk.Length;
                    _hasCode = false;
                    Look(bytes[^rest.Length..]);
                    break;
            }
        }
    }

    /// <summary>The payload of the frame at hand, as far as it is here.</summary>
    private void Look(Span<byte> payload)
    {
        int count = Math.Min(payload.Length, _payloadLeft);
        for (int each = 0; each < count; each++, _payloadAt++)
        {
            if (_walk.Type == Http2FrameType.ResetStream) _hasCode |= payload[each] != 0;
            else if (budget.IsUsedUp && _payloadAt is >= GoAwayCodeStart and < GoAwayCodeEnd)
                payload[each] = _payloadAt == GoAwayCodeEnd - 1 ? EnhanceYourCalm : (byte)0;
        }
        _payloadLeft -= count;
        // NO_ERROR only says that the rest of a body is not wanted.
        if (_payloadLeft > 0 || _walk.Type != Http2FrameType.ResetStream || !_hasCode) return;
        Interlocked.Increment(ref _ended);
        budget.Spend(Http2Glitch.ResetSent);
    }
}

using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Looks at the heads of the frames that Kestrel's server sends: resets cost its client, responses that end earn. When
/// the budget was used up, the GOAWAY that ends the connection says so. Loop thread; nothing is copied, 0 bytes.
/// </summary>
internal sealed class Http2OutputWatch(Http2GlitchBudget budget)
{
    private const byte EndStream = 0x1;

    // Offsets in the payload of GOAWAY, and the code it is given (RFC 9113 6.8 and 7).
    private const int GoAwayCodeStart = 4;
    private const int GoAwayCodeEnd = 8;
    private const byte EnhanceYourCalm = 0xb;

    private Http2FrameWalk _walk = new(leadBytes: 0);
    private int _ended;
    private int _payloadAt;
    private int _payloadLeft;
    private bool _hasCode;

    public int DataFrames { get; private set; }

    /// <summary>Streams that ended since this was asked last.</summary>
    public int TakeEnded()
    {
        int ended = _ended;
        _ended = 0;
        return ended;
    }

    /// <summary>The next bytes of the connection, before they go out.</summary>
    public void Look(Span<byte> bytes)
    {
        if (_payloadLeft > 0) LookInside(bytes);
        ReadOnlySpan<byte> rest = bytes;
        while (_walk.TryNext(ref rest))
        {
            switch (_walk.Type)
            {
                case Http2FrameType.Data:
                    DataFrames++;
                    goto case Http2FrameType.Headers;
                case Http2FrameType.Headers:
                    if ((_walk.Flags & EndStream) == 0) break;
                    _ended++;
                    budget.Earn();
                    break;
                case Http2FrameType.ResetStream or Http2FrameType.GoAway:
                    _payloadAt = 0;
                    _payloadLeft = _walk.Length;
                    _hasCode = false;
                    LookInside(bytes[^rest.Length..]);
                    break;
            }
        }
    }

    /// <summary>The payload of the frame at hand, as far as it is here.</summary>
    private void LookInside(Span<byte> payload)
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
        _ended++;
        budget.Spend(Http2Glitch.ResetSent);
    }
}

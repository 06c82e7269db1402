namespace DataPlane.Gateway.Connections;

/// <summary>
/// Looks at the heads of the frames a client sends, on their way to Kestrel's server, which bounds what they hold but
/// not how many there are. Loop thread; nothing is copied, 0 bytes.
/// </summary>
internal sealed class Http2InputWatch(Http2GlitchBudget budget, Http2OutputWatch output, int maxStreams)
{
    private const int PrefaceBytes = 24;
    private const byte EndStreamOrAck = 0x1;

    private Http2FrameWalk _walk = new(PrefaceBytes);
    private int _pieces;
    private int _windowUpdates;
    private int _dataSeen;
    private int _lastStream;
    private int _opened;
    private bool _hasSettings;

    /// <summary>The next bytes of the connection.</summary>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        while (_walk.TryNext(ref bytes))
        {
            switch (_walk.Type)
            {
                case Http2FrameType.Data:
                    if (_walk.Length == 0 && (_walk.Flags & EndStreamOrAck) == 0) budget.Spend(Http2Glitch.EmptyFrame);
                    break;
                case Http2FrameType.Headers:
                    _pieces = 0;
                    // With an id used before these are trailers.
                    if (_walk.Stream > _lastStream) Open(_walk.Stream);
                    break;
                default:
                    WalkOther();
                    break;
            }
        }
    }

    private void WalkOther()
    {
        switch (_walk.Type)
        {
            case Http2FrameType.Continuation:
                var glitch = _walk.Length == 0 ? Http2Glitch.EmptyFrame : Http2Glitch.Continuation;
                bool isFlood = ++_pieces > Limits.ContinuationsPerHead;
                budget.Spend(glitch, isFlood ? Http2GlitchBudget.All : 1);
                break;
            case Http2FrameType.ResetStream:
                _opened--;
                budget.Spend(Http2Glitch.ResetReceived);
                break;
            case Http2FrameType.Ping:
                budget.Spend(Http2Glitch.Ping);
                break;
            case Http2FrameType.Priority:
                budget.Spend(Http2Glitch.Priority);
                break;
            case Http2FrameType.Settings when (_walk.Flags & EndStreamOrAck) == 0:
                if (_hasSettings) budget.Spend(Http2Glitch.Settings);
                _hasSettings = true;
                break;
            case Http2FrameType.WindowUpdate:
                WalkWindowUpdate();
                break;
            case > Http2FrameType.Continuation:
                budget.Spend(Http2Glitch.Unknown);
                break;
        }
    }

    /// <summary>
    /// Kestrel refuses streams beyond its limit one by one, but hangs when thousands of them come at once: more than
    /// twice the limit at a time is nobody who has read our SETTINGS.
    /// </summary>
    private void Open(int stream)
    {
        _lastStream = stream;
        if (++_opened <= maxStreams) return;
        _opened = Math.Max(1, _opened - output.TakeEnded());
        if (_opened > maxStreams * 2) budget.Spend(Http2Glitch.ExcessStream, Http2GlitchBudget.All);
    }

    private void WalkWindowUpdate()
    {
        if (++_windowUpdates <= Limits.WindowUpdatesPerData) return;
        // One DATA frame may be answered by several: for its stream and for the connection, in parts.
        int data = output.DataFrames;
        if (data == _dataSeen)
        {
            budget.Spend(Http2Glitch.WindowUpdate);
            return;
        }
        _windowUpdates = Math.Max(0, _windowUpdates - ((data - _dataSeen) * Limits.WindowUpdatesPerData));
        _dataSeen = data;
    }
}

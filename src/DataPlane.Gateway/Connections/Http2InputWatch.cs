using DataPlane.Http.Http2;

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
    private Http2PayloadStart _start;
    private int _pieces;
    private int _windowUpdates;
    private int _dataSeen;
    private int _lastStream;
    private int _opened;
    private bool _hasSettings;
    private bool _hasAck;
    private bool _hasGoAway;

    /// <summary>The next bytes of the connection.</summary>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        if (_start.IsWanted) LookInside(bytes);
        while (_walk.TryNext(ref bytes))
        {
            switch (_walk.Type)
            {
                case Http2FrameType.Data:
                    if ((_walk.Flags & EndStreamOrAck) == 0) WalkData(bytes);
                    break;
                case Http2FrameType.Headers:
                    _pieces = 0;
                    // With an id used before these are trailers.
                    if (_walk.Stream > _lastStream) Open(_walk.Stream);
                    _start.BeginHead(_walk.Length, _walk.Flags);
                    LookInside(bytes);
                    break;
                default:
                    WalkOther(bytes);
                    break;
            }
        }
    }

    private void WalkData(ReadOnlySpan<byte> payload)
    {
        if (_walk.Length == 0) budget.Spend(Http2Glitch.EmptyFrame);
        else if (_start.BeginData(_walk.Length, _walk.Flags)) LookInside(payload);
    }

    /// <summary>The payload of the frame at hand, as far as it is here, while its start is of interest.</summary>
    private void LookInside(ReadOnlySpan<byte> payload)
    {
        int changes = _start.Read(payload, out bool isOnlyPadding);
        if (changes > 0) budget.Spend(Http2Glitch.TableSize, changes);
        if (isOnlyPadding) budget.Spend(Http2Glitch.EmptyFrame);
    }

    private void WalkOther(ReadOnlySpan<byte> payload)
    {
        switch (_walk.Type)
        {
            case Http2FrameType.Continuation:
                var glitch = _walk.Length == 0 ? Http2Glitch.EmptyFrame : Http2Glitch.Continuation;
                bool isFlood = ++_pieces > Limits.ContinuationsPerHead;
                budget.Spend(glitch, isFlood ? Http2GlitchBudget.All : 1);
                _start.ContinueHead(_walk.Length);
                LookInside(payload);
                break;
            case Http2FrameType.ResetStream:
                // Also of streams that had ended: those were counted.
                _opened = Math.Max(0, _opened - 1);
                budget.Spend(Http2Glitch.ResetReceived);
                break;
            case Http2FrameType.Ping:
                budget.Spend(Http2Glitch.Ping);
                break;
            case Http2FrameType.Priority:
                budget.Spend(Http2Glitch.Priority);
                break;
            case Http2FrameType.Settings:
                bool isAck = (_walk.Flags & EndStreamOrAck) != 0;
                WalkOnce(ref isAck ? ref _hasAck : ref _hasSettings, Http2Glitch.Settings);
                break;
            case Http2FrameType.GoAway:
                WalkOnce(ref _hasGoAway, Http2Glitch.GoAway);
                break;
            case Http2FrameType.WindowUpdate:
                WalkWindowUpdate();
                break;
            case > Http2FrameType.Continuation:
                budget.Spend(Http2Glitch.Unknown);
                break;
        }
    }

    private void WalkOnce(ref bool hasCome, Http2Glitch glitch)
    {
        if (hasCome) budget.Spend(glitch);
        hasCome = true;
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

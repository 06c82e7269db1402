using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Http.WebSockets;

namespace DataPlane.Gateway.Integrations.Http.Tunnels;

/// <summary>
/// Follows the frames of a WebSocket in both directions, so that the gateway can say goodbye in words: a Close frame to
/// each end, between two frames of the other one, at most once, and none behind a Close the other has sent itself. What
/// an end still says after it has been told is dropped; its own Close ends its direction. Loop thread.
/// </summary>
internal sealed class Farewell
{
    /// <summary>From the upstream. A field: it is a mutable value.</summary>
    public FrameWalker Down;

    /// <summary>From the client.</summary>
    public FrameWalker Up;

    private byte[] _reason = [];
    private bool _saidDown;
    private bool _saidUp;

    public bool HasBegun { get; private set; }

    /// <summary>The client has been told, and the upstream has nothing more to say.</summary>
    public bool IsDownOver => _saidDown && Down.HasClosed;

    public bool IsUpOver => _saidUp && Up.HasClosed;

    /// <summary>
    /// 1001 for every reason: the service is there, and a client that still needs it should connect again.
    /// </summary>
    public void Begin(TunnelEnd reason)
    {
        HasBegun = true;
        _reason = reason switch
        {
            TunnelEnd.Idle => "idle"u8.ToArray(),
            TunnelEnd.Lifetime => "lifetime reached"u8.ToArray(),
            _ => "going away"u8.ToArray(),
        };
    }

    /// <summary>Tells the client if this is between two frames. False when it could not be reached.</summary>
    public ValueTask<bool> TrySayDownAsync(ResponseSink sink)
    {
        if (_saidDown || !Down.IsBetweenFrames) return new ValueTask<bool>(result: true);
        _saidDown = true;
        if (Down.HasClosed) return new ValueTask<bool>(result: true);
        byte[] frame = new byte[CloseFrame.MaxBytes];
        return sink.WriteAsync(frame.AsMemory(0, CloseFrame.Write(frame, CloseFrame.GoingAway, _reason)));
    }

    /// <summary>Puts the words for the upstream behind what is buffered, if this is between two frames.</summary>
    public void TrySayUp(PipeWriter output)
    {
        if (_saidUp || !Up.IsBetweenFrames) return;
        _saidUp = true;
        if (Up.HasClosed) return;
        var frame = output.GetSpan(CloseFrame.MaxBytes);
        uint mask = (uint)Random.Shared.NextInt64();
        output.Advance(CloseFrame.WriteMasked(frame, CloseFrame.GoingAway, _reason, mask));
    }

    /// <summary>Passes the rest of a frame on, tells the client, drops what comes behind.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<bool> PartDownAsync(ResponseSink sink, ReadOnlyMemory<byte> run)
    {
        int passed = _saidDown || Down.IsBetweenFrames ? 0 : Down.Take(run.Span);
        if (passed > 0 && !await sink.WriteAsync(run[..passed])) return false;
        if (!await TrySayDownAsync(sink)) return false;
        Down.Walk(run.Span[passed..]);
        return true;
    }

    /// <summary>As <see cref="PartDownAsync"/>, for the upstream, as far as its output's buffer.</summary>
    public void PartUp(PipeWriter output, ReadOnlySpan<byte> run)
    {
        int passed = _saidUp || Up.IsBetweenFrames ? 0 : Up.Take(run);
        output.Write(run[..passed]);
        TrySayUp(output);
        Up.Walk(run[passed..]);
    }
}

using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Transport;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// Writes frames into the connection's buffer, which leaves once per turn, or per batch of frames that were read. While
/// the socket is full, bodies wait and control frames gather, up to a bound. Loop thread; 0 bytes.
/// </summary>
internal sealed class FrameOutput
{
    private readonly LoopConnection _transport;
    private readonly PipeWriter _output;
    private readonly Action _onFlushed;
    private readonly Action _onRoom;
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _flush;
    private bool _isFlushing;
    private bool _isDirty;
    private int _gathered;

    /// <summary><paramref name="onRoom"/> is called from the top of the loop when bodies may go on.</summary>
    public FrameOutput(LoopConnection transport, Action onRoom)
    {
        _transport = transport;
        _output = transport.Transport.Output;
        _onFlushed = OnFlushed;
        _onRoom = onRoom;
    }

    /// <summary>Frames are being read: what they give rise to goes out together, after them.</summary>
    public bool IsHeldBack { get; set; }

    /// <summary>The upstream does not read: no more bodies, and no new requests.</summary>
    public bool IsBlocked => _isFlushing;

    /// <summary>While the upstream does not read, it makes us write more than good ones do.</summary>
    public bool IsFlooded => _isFlushing && _gathered > Limits.Http2UnsentBytes;

    /// <summary>
    /// Room for a frame's payload behind its head; <see cref="Commit"/> comes before anything else is written.
    /// </summary>
    public Span<byte> Reserve(int payloadBytes) =>
        _output.GetSpan(Http2FrameHead.Bytes + payloadBytes)[Http2FrameHead.Bytes..];

    public void Commit(in Http2FrameHead head)
    {
        // The same memory as before: nothing was written in between.
        head.Write(_output.GetSpan(Http2FrameHead.Bytes + head.Length));
        Advance(Http2FrameHead.Bytes + head.Length);
    }

    public void Write(Http2FrameType type, Http2Flags flags, int stream, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(Reserve(payload.Length));
        Commit(new Http2FrameHead(payload.Length, type, flags, stream));
    }

    public void WriteNumber(Http2FrameType type, int stream, uint number)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, number);
        Write(type, Http2Flags.None, stream, payload);
    }

    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>The streams that this side does not take begin with 0: servers open none.</summary>
    public void WriteGoaway(Http2ErrorCode code)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, 0);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
        Write(Http2FrameType.GoAway, Http2Flags.None, 0, payload);
    }

    /// <summary>Sends what was written, at the end of the batch or turn.</summary>
    public void FlushSoon()
    {
        if (_isDirty && !IsHeldBack && !_isFlushing) Flush();
    }

    /// <summary>
    /// Sends at once when much is waiting: bodies must not pile up in front of a socket that is full.
    /// </summary>
    public void FlushMuch()
    {
        if (!_isFlushing && _output.UnflushedBytes > Limits.Http2UnsentBytes) Follow(_output.FlushAsync());
    }

    private void Flush()
    {
        _isDirty = false;
        Follow(_transport.FlushSoonAsync());
    }

    private void Follow(ValueTask<FlushResult> flush)
    {
        _gathered = 0;
        if (flush.IsCompletedSuccessfully)
        {
            // Of an end of the connection its reader hears as well.
            _ = flush.Result;
            return;
        }
        _isFlushing = true;
        _flush = flush.ConfigureAwait(false).GetAwaiter();
        _flush.UnsafeOnCompleted(_onFlushed);
    }

    private void OnFlushed()
    {
        _flush.GetResult();
        _flush = default;
        _isFlushing = false;
        FlushSoon();
        if (!_isFlushing) _onRoom();
    }

    private void Advance(int bytes)
    {
        _output.Advance(bytes);
        _gathered += bytes;
        _isDirty = true;
    }
}

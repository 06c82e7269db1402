using System.Buffers;
using System.Buffers.Binary;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// Reads the frames of a connection where the transport put them, and gives each to whom it concerns. What an upstream
/// may not send, or not so much of, ends the stream or the connection, as RFC 9113 has it. Loop thread; 0 bytes.
/// </summary>
internal sealed class FrameInput(MultiplexedConnection connection, LoopConnection transport, int headBytes)
{
    private const int GlitchWindowMs = 1000;

    private readonly HpackDecoder _hpack = new(HpackDecoder.DefaultTableBytes);
    private byte[] _block = [];
    private int _blockLength;
    private int _blockStream;
    private int _continuations;
    private bool _blockEndsStream;
    private int _receiveWindow = Limits.Http2ReceiveWindowBytes;
    private int _glitches;
    private long _glitchesSinceMs;

    /// <summary>Until the connection ends. Never throws for what an upstream does.</summary>
    public async Task RunAsync()
    {
        var input = transport.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            if (!buffer.IsEmpty && !connection.IsClosed)
            {
                connection.BeginBatch();
                input.AdvanceTo(Take(in buffer), buffer.End);
                if (result.IsCompleted) connection.Break(Http2ErrorCode.NoError, ExchangeOutcome.UpstreamClosed);
                connection.EndBatch();
            }
            else
            {
                input.AdvanceTo(buffer.End);
            }
            if (result.IsCompleted || connection.IsClosed) break;
        }
        connection.Break(Http2ErrorCode.NoError, ExchangeOutcome.UpstreamClosed);
        if (_block.Length > 0) transport.Loop.Slabs.Return(_block);
        input.Complete();
        transport.Transport.Output.Complete();
    }

    /// <summary>As far as the frames are whole.</summary>
    private SequencePosition Take(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            var bytes = buffer.FirstSpan;
            int at = 0;
            while (TryRead(bytes[at..], out var head) && bytes.Length - at - Http2FrameHead.Bytes >= head.Length)
            {
                at += Http2FrameHead.Bytes;
                OnFrame(in head, bytes.Slice(at, head.Length));
                at += head.Length;
            }
            return buffer.GetPosition(at);
        }
        var rest = buffer;
        Span<byte> nine = stackalloc byte[Http2FrameHead.Bytes];
        while (rest.Length >= Http2FrameHead.Bytes)
        {
            rest.Slice(0, Http2FrameHead.Bytes).CopyTo(nine);
            if (!TryRead(nine, out var head) || rest.Length - Http2FrameHead.Bytes < head.Length) break;
            var payload = rest.Slice(Http2FrameHead.Bytes, head.Length);
            TakeInPieces(in head, in payload);
            rest = rest.Slice(payload.End);
        }
        return rest.Start;
    }

    private void TakeInPieces(in Http2FrameHead head, in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
        {
            OnFrame(in head, payload.FirstSpan);
            return;
        }
        byte[] slab = transport.Loop.Slabs.Rent(head.Length);
        payload.CopyTo(slab);
        OnFrame(in head, slab.AsSpan(0, head.Length));
        transport.Loop.Slabs.Return(slab);
    }

    /// <summary>False when the head is not there, or there will be no more frames.</summary>
    private bool TryRead(ReadOnlySpan<byte> bytes, out Http2FrameHead head)
    {
        head = default;
        if (connection.IsClosed || bytes.Length < Http2FrameHead.Bytes) return false;
        head = Http2FrameHead.Read(bytes);
        if (head.Length <= Http2FrameHead.DefaultPayloadBytes) return true;
        Break(Http2ErrorCode.FrameSizeError);
        return false;
    }

    private void OnFrame(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        bool isInBlock = _blockStream != 0 || head.Type == Http2FrameType.Continuation;
        bool isContinued = head.Type == Http2FrameType.Continuation && head.Stream == _blockStream && _blockStream != 0;
        // RFC 9113 3.4: settings come first; 6.10: nothing comes between the frames of a block.
        bool isSettings = head.Type == Http2FrameType.Settings && !head.Has(Http2Flags.Acknowledgement);
        bool isDue = connection.HasSettings ? isInBlock == isContinued : isSettings;
        if (!isDue || head.Type == Http2FrameType.PushPromise)
        {
            Break(Http2ErrorCode.ProtocolError);
            return;
        }
        switch (head.Type)
        {
            case Http2FrameType.Data:
                OnData(in head, payload);
                break;
            case Http2FrameType.Headers:
                OnHeaders(in head, payload);
                break;
            case Http2FrameType.Continuation:
                OnContinuation(in head, payload);
                break;
            case Http2FrameType.WindowUpdate:
                OnWindowUpdate(in head, payload);
                break;
            case Http2FrameType.ResetStream:
                OnReset(in head, payload);
                break;
            default:
                OnControl(in head, payload);
                break;
        }
    }

    private void OnControl(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        bool isOfConnection = head.Type
            is Http2FrameType.Settings or Http2FrameType.Ping or Http2FrameType.GoAway;
        if (isOfConnection && head.Stream != 0)
        {
            Break(Http2ErrorCode.ProtocolError);
            return;
        }
        CountGlitch(head.Type switch
        {
            Http2FrameType.Settings => UpstreamFlood.Settings,
            Http2FrameType.Ping => UpstreamFlood.Ping,
            _ => UpstreamFlood.OtherFrame,
        });
        bool isAnswer = head.Has(Http2Flags.Acknowledgement);
        switch (head.Type)
        {
            case Http2FrameType.Settings when isAnswer && !payload.IsEmpty:
            case Http2FrameType.Ping when payload.Length != 8:
            case Http2FrameType.GoAway when payload.Length < 8:
            case Http2FrameType.Priority when payload.Length != 5:
                Break(Http2ErrorCode.FrameSizeError);
                break;
            case Http2FrameType.Settings when !isAnswer:
                if (connection.OnSettings(payload) is var code and not Http2ErrorCode.NoError) Break(code);
                break;
            case Http2FrameType.Ping when !isAnswer:
                connection.OnPing(payload);
                break;
            case Http2FrameType.GoAway:
                connection.OnGoaway(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue);
                break;
        }
    }

    private void OnData(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        if (!TryUnpad(in head, ref payload) || !TryFind(head.Stream, out var stream)) return;
        _receiveWindow -= head.Length;
        if (_receiveWindow < 0)
        {
            Break(Http2ErrorCode.FlowControlError);
            return;
        }
        // Given back as it comes: what waits is bounded per stream, and a slow client must not hold up the others.
        if (_receiveWindow < Limits.Http2ReceiveWindowBytes / 2)
        {
            connection.GrowPeersWindow(0, Limits.Http2ReceiveWindowBytes - _receiveWindow);
            _receiveWindow = Limits.Http2ReceiveWindowBytes;
        }
        bool isEnd = head.Has(Http2Flags.EndStream);
        if (payload.IsEmpty && !isEnd) CountGlitch(UpstreamFlood.EmptyFrame);
        else if (_glitches > 0) _glitches--;
        if (stream is null) return;
        var code = stream.Take(payload, head.Length, isEnd);
        if (code == Http2ErrorCode.NoError) connection.Tell(stream);
        else connection.Refuse(stream, code);
    }

    private void OnHeaders(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        if (!TryUnpad(in head, ref payload) || !TryFind(head.Stream, out _)) return;
        if (head.Has(Http2Flags.Priority))
        {
            if (payload.Length < 5)
            {
                Break(Http2ErrorCode.FrameSizeError);
                return;
            }
            payload = payload[5..];
        }
        if (_glitches > 0) _glitches--;
        if (head.Has(Http2Flags.EndHeaders))
        {
            OnBlock(head.Stream, payload, head.Has(Http2Flags.EndStream));
            return;
        }
        _blockStream = head.Stream;
        _blockEndsStream = head.Has(Http2Flags.EndStream);
        _blockLength = _continuations = 0;
        Gather(payload);
    }

    private void OnContinuation(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) CountGlitch(UpstreamFlood.EmptyFrame);
        if (++_continuations > Limits.ContinuationsPerHead)
        {
            connection.BreakFlood(UpstreamFlood.Continuation);
            return;
        }
        Gather(payload);
        if (!head.Has(Http2Flags.EndHeaders) || connection.IsClosed) return;
        int stream = _blockStream;
        _blockStream = 0;
        OnBlock(stream, _block.AsSpan(0, _blockLength), _blockEndsStream);
        transport.Loop.Slabs.Return(_block);
        _block = [];
    }

    private void Gather(ReadOnlySpan<byte> payload)
    {
        // No good head is longer in HPACK than in lines, but for a few numbers.
        if (_blockLength + payload.Length > headBytes + Http2FrameHead.DefaultPayloadBytes)
        {
            connection.BreakFlood(UpstreamFlood.Continuation);
            return;
        }
        if (_block.Length - _blockLength < payload.Length || _block.Length == 0)
        {
            byte[] larger = transport.Loop.Slabs.Rent(Math.Max(_block.Length * 2, _blockLength + payload.Length));
            _block.AsSpan(0, _blockLength).CopyTo(larger);
            if (_block.Length > 0) transport.Loop.Slabs.Return(_block);
            _block = larger;
        }
        payload.CopyTo(_block.AsSpan(_blockLength));
        _blockLength += payload.Length;
    }

    /// <summary>A whole header block: it must be decoded, whether or not somebody waits for it.</summary>
    private void OnBlock(int id, ReadOnlySpan<byte> block, bool endsStream)
    {
        connection.TryFind(id, out var stream);
        bool isLate = stream is { HasEnded: true };
        var sink = stream is null || isLate ? IgnoredFields.Instance : stream.BeginBlock(headBytes);
        byte[] scratch = transport.Loop.Slabs.Rent(HpackDecoder.ScratchBytes(block.Length));
        bool isDecoded = _hpack.TryDecode(block, scratch, sink);
        transport.Loop.Slabs.Return(scratch);
        if (!isDecoded) Break(Http2ErrorCode.CompressionError);
        else if (isLate) connection.Refuse(stream!, Http2ErrorCode.StreamClosed);
        else if (stream is null) CountGlitch(UpstreamFlood.OtherFrame);
        else if (stream.TryEndBlock(endsStream)) connection.Tell(stream);
        else connection.Refuse(stream, Http2ErrorCode.ProtocolError);
    }

    private void OnWindowUpdate(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Break(Http2ErrorCode.FrameSizeError);
            return;
        }
        int by = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (head.Stream == 0)
        {
            if (by == 0) Break(Http2ErrorCode.ProtocolError);
            else if (!connection.TryGrowWindow(by)) Break(Http2ErrorCode.FlowControlError);
            return;
        }
        if (!TryFind(head.Stream, out var stream) || stream is null) return;
        if (by == 0) connection.Refuse(stream, Http2ErrorCode.ProtocolError);
        else if (!stream.TryGrowWindow(by)) connection.Refuse(stream, Http2ErrorCode.FlowControlError);
        else if (stream.WaitsForRoom) connection.Tell(stream);
    }

    private void OnReset(in Http2FrameHead head, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Break(Http2ErrorCode.FrameSizeError);
            return;
        }
        if (!TryFind(head.Stream, out var stream)) return;
        if (stream is null) CountGlitch(UpstreamFlood.Reset);
        else connection.OnReset(stream, (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload));
    }

    /// <summary>False for a stream that was never opened: the connection is broken off.</summary>
    private bool TryFind(int id, out UpstreamStream? stream)
    {
        if (connection.TryFind(id, out stream)) return true;
        Break(Http2ErrorCode.ProtocolError);
        return false;
    }

    private bool TryUnpad(in Http2FrameHead head, ref ReadOnlySpan<byte> payload)
    {
        if (!head.Has(Http2Flags.Padded)) return true;
        if (payload.IsEmpty || payload[0] >= payload.Length)
        {
            Break(Http2ErrorCode.ProtocolError);
            return false;
        }
        payload = payload[1..^payload[0]];
        return true;
    }

    /// <summary>A frame that costs us more than its sender, and that good upstreams send few of.</summary>
    private void CountGlitch(UpstreamFlood kind)
    {
        long nowMs = transport.Loop.NowMs;
        if (nowMs - _glitchesSinceMs > GlitchWindowMs)
        {
            _glitchesSinceMs = nowMs;
            _glitches = 0;
        }
        if (++_glitches > Limits.Http2UpstreamGlitches) connection.BreakFlood(kind);
    }

    private void Break(Http2ErrorCode code) => connection.Break(code, ExchangeOutcome.UpstreamProtocolError);
}

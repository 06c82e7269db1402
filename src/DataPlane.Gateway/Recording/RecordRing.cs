using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Bytes of finished log lines between one loop, which formats them in place, and the log's writer. Bounded: a line
/// that does not fit is the caller's to drop, nobody waits. 0 bytes per line.
/// <para>
/// Races: positions only grow; the tail is written by the loop alone and the head by the writer alone, each with
/// release semantics after the bytes are written or read, and read by the other with acquire semantics. The tail moves
/// by whole lines, so the writer never sees part of one, and the loop writes only to space the head has passed, so it
/// never changes bytes the writer may still read. Stress test: RecordRingTests.
/// </para>
/// </summary>
internal sealed class RecordRing
{
    private readonly byte[] _bytes;

    /// <summary>Takes a line whose space is cut by the ring's end: one in 32 or so, copied in two parts.</summary>
    private readonly byte[] _edge;
    private readonly int _lineBytes;
    private Positions _at;

    public RecordRing(int capacityBytes = RecordingLimits.RingBytes, int lineBytes = RecordingLimits.LineBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsPow2(capacityBytes), true, nameof(capacityBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lineBytes, capacityBytes / 2);
        _bytes = GC.AllocateUninitializedArray<byte>(capacityBytes);
        _edge = GC.AllocateUninitializedArray<byte>(lineBytes);
        _lineBytes = lineBytes;
    }

    public int Capacity => _bytes.Length;

    /// <summary>Space for one line of the greatest length, or false when the ring is full. Loop thread.</summary>
    public bool TryReserve(out Span<byte> line)
    {
        line = default;
        if (!HasRoom()) return false;
        int start = (int)_at.Tail & (_bytes.Length - 1);
        line = _bytes.Length - start >= _lineBytes ? _bytes.AsSpan(start, _lineBytes) : _edge;
        return true;
    }

    /// <summary>
    /// Hands over the first bytes of what <see cref="TryReserve"/> gave. True when the ring is at least half full by
    /// now: time to wake the writer. Loop thread.
    /// </summary>
    public bool Commit(int bytes)
    {
        int start = (int)_at.Tail & (_bytes.Length - 1);
        int toEnd = _bytes.Length - start;
        if (toEnd < _lineBytes)
        {
            int first = Math.Min(toEnd, bytes);
            _edge.AsSpan(0, first).CopyTo(_bytes.AsSpan(start));
            _edge.AsSpan(first, bytes - first).CopyTo(_bytes);
        }
        Volatile.Write(ref _at.Tail, _at.Tail + bytes);
        return IsHalfFull();
    }

    /// <summary>
    /// Everything committed, in one or two runs. The bytes stay until <see cref="Release"/>. Writer thread.
    /// </summary>
    public int Peek(out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        int length = (int)(Volatile.Read(ref _at.Tail) - _at.Head);
        int start = (int)_at.Head & (_bytes.Length - 1);
        int firstLength = Math.Min(length, _bytes.Length - start);
        first = _bytes.AsSpan(start, firstLength);
        second = _bytes.AsSpan(0, length - firstLength);
        return length;
    }

    /// <summary>Frees what <see cref="Peek"/> showed. Writer thread.</summary>
    public void Release(int bytes) => Volatile.Write(ref _at.Head, _at.Head + bytes);

    private bool HasRoom()
    {
        if (_at.Tail - _at.SeenHead <= _bytes.Length - _lineBytes) return true;
        // The writer's line is fetched only when what was last seen of it is not enough.
        _at.SeenHead = Volatile.Read(ref _at.Head);
        return _at.Tail - _at.SeenHead <= _bytes.Length - _lineBytes;
    }

    private bool IsHalfFull()
    {
        if (_at.Tail - _at.SeenHead < _bytes.Length / 2) return false;
        _at.SeenHead = Volatile.Read(ref _at.Head);
        return _at.Tail - _at.SeenHead >= _bytes.Length / 2;
    }

    /// <summary>
    /// Loop's and writer's positions two cache lines apart, and away from whatever lies around the ring.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Positions
    {
        [FieldOffset(128)]
        public long Tail;

        /// <summary>The head as the loop last saw it.</summary>
        [FieldOffset(136)]
        public long SeenHead;

        [FieldOffset(256)]
        public long Head;
    }
}

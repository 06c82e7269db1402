using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// What a stream has received and nobody has taken: slabs of the loop, one behind the other. The stream's window bounds
/// them. A mutable value; loop thread; 0 bytes.
/// </summary>
internal struct ReceivedBytes
{
    private const int LargestSlab = 16 * 1024;

    private byte[][]? _slabs;
    private int _count;
    private int _start;
    private int _end;

    public long Length { get; private set; }

    /// <summary>The first bytes, as many as lie together; empty when there are none.</summary>
    public readonly ReadOnlyMemory<byte> First =>
        _count == 0 ? default : _slabs![0].AsMemory(_start, (_count == 1 ? _end : _slabs[0].Length) - _start);

    public void Add(SlabPool pool, ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_count == 0 || _end == _slabs![_count - 1].Length) AddSlab(pool, bytes.Length);
            var room = _slabs![_count - 1].AsSpan(_end);
            int copied = Math.Min(room.Length, bytes.Length);
            bytes[..copied].CopyTo(room);
            _end += copied;
            bytes = bytes[copied..];
        }
    }

    /// <summary>Gives back what <see cref="First"/> has shown; what is added in between may have grown it.</summary>
    public void Take(SlabPool pool, int length)
    {
        Length -= length;
        _start += length;
        int filled = _count == 1 ? _end : _slabs![0].Length;
        if (_start < filled) return;
        pool.Return(_slabs![0]);
        _count--;
        Array.Copy(_slabs, 1, _slabs, 0, _count);
        _slabs[_count] = null!;
        _start = 0;
        if (_count == 0) _end = 0;
    }

    public void Clear(SlabPool pool)
    {
        for (int each = 0; each < _count; each++)
        {
            pool.Return(_slabs![each]);
            _slabs[each] = null!;
        }
        _count = _start = _end = 0;
        Length = 0;
    }

    private void AddSlab(SlabPool pool, int bytes)
    {
        _slabs ??= new byte[4][];
        if (_count == _slabs.Length) Array.Resize(ref _slabs, _count * 2);
        // A second one is a sign of more to come.
        _slabs[_count] = pool.Rent(_count == 0 ? Math.Min(bytes, LargestSlab) : LargestSlab);
        _count++;
        _end = 0;
    }
}

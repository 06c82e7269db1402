using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>Reads an entry, 64 KiB at a time. One thread at a time; 0 bytes.</summary>
internal sealed class DiskReader(DiskSum sum)
{
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(DiskSum.ChunkBytes, pinned: true);
    private readonly byte[] _parts = GC.AllocateUninitializedArray<byte>(CacheLimits.RecordBytes, pinned: true);
    private DiskFile _file = null!;
    private DiskRecord _record;
    private ulong _sum;
    private long _offset;
    private long _left;
    private int _from;
    private int _to;

    public DiskFile File => _file;

    public ref readonly DiskRecord Record => ref _record;

    public ReadOnlySpan<byte> Meta => _parts.AsSpan(0, _record.MetaBytes);

    public ReadOnlySpan<byte> Key => _parts.AsSpan(_record.MetaBytes, _record.KeyBytes);

    public ReadOnlySpan<byte> Head => _parts.AsSpan(_record.MetaBytes + _record.KeyBytes, _record.HeadBytes);

    public ReadOnlySpan<ulong> Tags => MemoryMarshal.Cast<byte, ulong>(
        _parts.AsSpan(HeadEnd, _record.TagCount * sizeof(ulong)));

    public ReadOnlySpan<byte> Url => _parts.AsSpan(HeadEnd + (_record.TagCount * sizeof(ulong)), _record.UrlBytes);

    private int HeadEnd => _record.MetaBytes + _record.KeyBytes + _record.HeadBytes;

    /// <summary>
    /// Reads what lies in front of the body of the entry written as number <paramref name="at"/>. False when something
    /// else is there. Throws what reading a file throws.
    /// </summary>
    public bool TryBegin(DiskFile file, long at, long offset, ulong hash)
    {
        (_file, _offset, _sum, _from, _to) = (file, offset, 0, 0, 0);
        _left = DiskRecord.HeaderBytes;
        Span<byte> header = stackalloc byte[DiskRecord.HeaderBytes];
        if (!file.TryRead(header, offset)) return false;
        _record = Unsafe.ReadUnaligned<DiskRecord>(ref MemoryMarshal.GetReference(header));
        if (_record.At != at || _record.Hash != hash || !_record.IsPlausible) return false;
        _left = _record.Bytes - DiskRecord.TailBytes;
        return TryTake(header) && TryTake(_parts.AsSpan(0, _record.PartBytes));
    }

    /// <summary>Copies the body into the fill. False: it is not what was written, or the fill is void.</summary>
    public bool TryFill(CacheFill fill)
    {
        for (int left = _record.BodyBytes; left > 0;)
        {
            if (_from == _to && !TryNext()) return false;
            int length = Math.Min(left, _to - _from);
            if (!fill.Append(_chunk.AsSpan(_from, length))) return false;
            _from += length;
            left -= length;
        }
        Span<byte> tail = stackalloc byte[DiskRecord.TailBytes];
        return _file.TryRead(tail, _offset) && BinaryPrimitives.ReadUInt64LittleEndian(tail) == _sum;
    }

    private bool TryTake(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            if (_from == _to && !TryNext()) return false;
            int length = Math.Min(target.Length, _to - _from);
            _chunk.AsSpan(_from, length).CopyTo(target);
            _from += length;
            target = target[length..];
        }
        return true;
    }

    private bool TryNext()
    {
        _from = 0;
        _to = (int)Math.Min(_chunk.Length, _left);
        if (_to == 0 || !_file.TryRead(_chunk.AsSpan(0, _to), _offset)) return false;
        _offset += _to;
        _left -= _to;
        _sum = sum.Add(_sum, _chunk.AsSpan(0, _to));
        return true;
    }
}

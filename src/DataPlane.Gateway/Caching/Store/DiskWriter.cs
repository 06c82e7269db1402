using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>Writes entries, 64 KiB at a time. One thread at a time; 0 bytes.</summary>
internal sealed unsafe class DiskWriter(DiskSum sum)
{
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(DiskSum.ChunkBytes, pinned: true);
    private readonly byte[] _unpacked = GC.AllocateUninitializedArray<byte>(CacheSegment.MaxBytes, pinned: true);
    private DiskFile _file = null!;
    private ulong _sum;
    private long _offset;
    private int _filled;

    /// <summary>False when the body cannot be unpacked. Throws what writing a file throws.</summary>
    public bool TryWrite(DiskFile file, in CacheLease lease, in DiskRecord record, long offset)
    {
        (_file, _offset, _filled, _sum) = (file, offset, 0, 0);
        Put(MemoryMarshal.AsBytes(new ReadOnlySpan<DiskRecord>(in record)));
        Put(new ReadOnlySpan<byte>(Block.Room(lease.Row->Record), record.PartBytes));
        foreach (var segment in lease.Body)
        {
            var bytes = segment.Stored.Span;
            if (segment.IsPacked)
            {
                if (!segment.CopyTo(_unpacked)) return false;
                bytes = _unpacked.AsSpan(0, segment.BodyBytes);
            }
            Put(bytes);
        }
        _sum = sum.Add(_sum, _chunk.AsSpan(0, _filled));
        Span<byte> tail = stackalloc byte[DiskRecord.TailBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(tail, _sum);
        Put(tail);
        Flush();
        _file = null!;
        return true;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_filled == _chunk.Length)
            {
                _sum = sum.Add(_sum, _chunk);
                Flush();
            }
            int length = Math.Min(bytes.Length, _chunk.Length - _filled);
            bytes[..length].CopyTo(_chunk.AsSpan(_filled));
            _filled += length;
            bytes = bytes[length..];
        }
    }

    private void Flush()
    {
        _file.Write(_chunk.AsSpan(0, _filled), _offset);
        _offset += _filled;
        _filled = 0;
    }
}

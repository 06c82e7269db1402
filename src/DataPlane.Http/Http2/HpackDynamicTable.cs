namespace DataPlane.Http.Http2;

/// <summary>
/// The fields that a peer's encoder has told us to remember (RFC 7541, 2.3.2): first in, first out, bounded by bytes.
/// One per connection; one thread; 0 bytes once it has its arrays.
/// </summary>
internal sealed class HpackDynamicTable
{
    /// <summary>What an entry counts beyond its bytes (RFC 7541, 4.1).</summary>
    public const int EntryBytes = 32;

    private readonly int _capacityBytes;
    private readonly Entry[] _entries;
    // Twice the bytes that entries can have together: they move to the front once per so many bytes added.
    private readonly byte[] _bytes;
    private int _first;
    private int _end;
    private int _usedBytes;
    private int _mostBytes;

    /// <summary><paramref name="capacityBytes"/> is what we have announced: SETTINGS_HEADER_TABLE_SIZE.</summary>
    public HpackDynamicTable(int capacityBytes)
    {
        _capacityBytes = _mostBytes = capacityBytes;
        _entries = new Entry[Math.Max(1, capacityBytes / EntryBytes)];
        _bytes = new byte[capacityBytes * 2];
    }

    public int Count { get; private set; }

    public int UsedBytes => _usedBytes;

    /// <summary>0 is the one added last. The bytes are valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        ref readonly var entry = ref At(index);
        return _bytes.AsSpan(entry.Start, entry.NameLength);
    }

    /// <summary>As <see cref="Name"/>.</summary>
    public ReadOnlySpan<byte> Value(int index)
    {
        ref readonly var entry = ref At(index);
        return _bytes.AsSpan(entry.Start + entry.NameLength, entry.ValueLength);
    }

    /// <summary>False for more than was announced.</summary>
    public bool TryResize(int mostBytes)
    {
        if (mostBytes > _capacityBytes) return false;
        _mostBytes = mostBytes;
        Evict(0);
        return true;
    }

    /// <summary>Neither span may lie in the table. One that is larger than the table empties it.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!TryMakeRoom(name.Length, value.Length)) return;
        name.CopyTo(_bytes.AsSpan(_end));
        Finish(name.Length, value);
    }

    /// <summary>The same with the name of an entry, which may be one that has to leave for the new one.</summary>
    public void AddNamedAs(int index, ReadOnlySpan<byte> value)
    {
        var named = At(index);
        // Its bytes stay where they are until the next move to the front, which must come before they are taken.
        if (_bytes.Length - _end < named.NameLength + value.Length) named.Start -= MoveToFront();
        if (!TryMakeRoom(named.NameLength, value.Length)) return;
        _bytes.AsSpan(named.Start, named.NameLength).CopyTo(_bytes.AsSpan(_end));
        Finish(named.NameLength, value);
    }

    private ref Entry At(int index) => ref _entries[(_first + Count - 1 - index) % _entries.Length];

    private bool TryMakeRoom(int nameLength, int valueLength)
    {
        long size = (long)nameLength + valueLength + EntryBytes;
        if (size > _mostBytes)
        {
            Evict(_mostBytes);
            return false;
        }
        Evict((int)size);
        if (_bytes.Length - _end < nameLength + valueLength) MoveToFront();
        return true;
    }

    private void Finish(int nameLength, ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes.AsSpan(_end + nameLength));
        Count++;
        At(0) = new Entry { Start = _end, NameLength = nameLength, ValueLength = value.Length };
        _end += nameLength + value.Length;
        _usedBytes += nameLength + value.Length + EntryBytes;
    }

    /// <summary>Takes out the eldest ones until so many bytes are free.</summary>
    private void Evict(int neededBytes)
    {
        while (Count > 0 && _usedBytes + neededBytes > _mostBytes)
        {
            ref readonly var eldest = ref _entries[_first];
            _usedBytes -= eldest.NameLength + eldest.ValueLength + EntryBytes;
            _first = (_first + 1) % _entries.Length;
            Count--;
        }
    }

    /// <summary>By how many bytes everything has moved.</summary>
    private int MoveToFront()
    {
        int moved = Count == 0 ? _end : _entries[_first].Start;
        _bytes.AsSpan(moved, _end - moved).CopyTo(_bytes);
        for (int each = 0; each < Count; each++) At(each).Start -= moved;
        _end -= moved;
        return moved;
    }

    private struct Entry
    {
        public int Start;
        public int NameLength;
        public int ValueLength;
    }
}

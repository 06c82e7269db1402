namespace DataPlane.Http.Http2;

/// <summary>
/// Reads the header blocks of one direction of a connection, in their order (RFC 7541). It bounds numbers, the dynamic
/// table and the places where its size may change; how many fields a block may have, and of what size, is its sink's
/// affair: a reference of one byte may stand for four kilobytes. One thread; 0 bytes.
/// </summary>
public sealed class HpackDecoder(int tableBytes)
{
    /// <summary>SETTINGS_HEADER_TABLE_SIZE unless one says something else (RFC 9113, 6.5.2).</summary>
    public const int DefaultTableBytes = 4096;

    /// <summary>Changes of the table's size that a block may begin with (RFC 7541, 4.2).</summary>
    private const int MostResizes = 2;

    /// <summary>Bytes a number may have behind its prefix: enough for 28 bits.</summary>
    private const int MostNumberBytes = 4;

    private readonly HpackDynamicTable _table = new(tableBytes);

    /// <summary>Bytes of the dynamic table, with what entries count beyond their own.</summary>
    public int TableBytes => _table.UsedBytes;

    /// <summary>Room that a block needs for the strings in it that are in Huffman's code.</summary>
    public static int ScratchBytes(int blockLength) => HuffmanCode.DecodedBound(blockLength) + 1;

    /// <summary>
    /// A whole block. False when it is malformed: the connection's context is lost then, COMPRESSION_ERROR.
    /// </summary>
    public bool TryDecode(ReadOnlySpan<byte> block, Span<byte> scratch, IFieldSink sink)
    {
        int resizes = 0;
        bool hasFields = false;
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0xe0) == 0x20)
            {
                bool isResized = !hasFields && ++resizes <= MostResizes
                    && TryReadNumber(ref block, 5, out int size) && _table.TryResize(size);
                if (!isResized) return false;
                continue;
            }
            hasFields = true;
            bool isGood = first >= 0x80 ? TryTakeIndexed(ref block, sink)
                : first >= 0x40 ? TryTakeLiteral(ref block, 6, isKept: true, scratch, sink)
                : TryTakeLiteral(ref block, 4, isKept: false, scratch, sink);
            if (!isGood) return false;
        }
        return true;
    }

    private bool TryTakeIndexed(scoped ref ReadOnlySpan<byte> block, IFieldSink sink)
    {
        if (!TryReadNumber(ref block, 7, out int index) || index == 0) return false;
        if (index <= HpackStaticTable.Count)
        {
            sink.Put(HpackStaticTable.Name(index), HpackStaticTable.Value(index));
            return true;
        }
        index -= HpackStaticTable.Count + 1;
        if (index >= _table.Count) return false;
        sink.Put(_table.Name(index), _table.Value(index));
        return true;
    }

    private bool TryTakeLiteral(
        scoped ref ReadOnlySpan<byte> block, int prefix, bool isKept, Span<byte> scratch, IFieldSink sink)
    {
        if (!TryReadNumber(ref block, prefix, out int index)) return false;
        ReadOnlySpan<byte> name;
        if (index == 0)
        {
            if (!TryReadString(ref block, ref scratch, out name)) return false;
        }
        else if (index <= HpackStaticTable.Count)
        {
            name = HpackStaticTable.Name(index);
        }
        else
        {
            if (index - HpackStaticTable.Count > _table.Count) return false;
            name = _table.Name(index - HpackStaticTable.Count - 1);
        }
        if (!TryReadString(ref block, ref scratch, out var value)) return false;
        sink.Put(name, value);
        if (!isKept) return true;
        if (index > HpackStaticTable.Count) _table.AddNamedAs(index - HpackStaticTable.Count - 1, value);
        else _table.Add(name, value);
        return true;
    }

    private static bool TryReadString(
        scoped ref ReadOnlySpan<byte> block, scoped ref Span<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (block.IsEmpty) return false;
        bool isCoded = block[0] >= 0x80;
        if (!TryReadNumber(ref block, 7, out int length) || length > block.Length) return false;
        text = block[..length];
        block = block[length..];
        if (!isCoded) return true;
        if (!HuffmanCode.TryDecode(text, scratch, out int decoded)) return false;
        text = scratch[..decoded];
        scratch = scratch[decoded..];
        return true;
    }

    /// <summary>RFC 7541, 5.1. False when it is cut off, or larger than anything here can be.</summary>
    private static bool TryReadNumber(scoped ref ReadOnlySpan<byte> block, int prefix, out int number)
    {
        int most = (1 << prefix) - 1;
        number = 0;
        if (block.IsEmpty) return false;
        number = block[0] & most;
        block = block[1..];
        if (number < most) return true;
        for (int shift = 0; shift < 7 * MostNumberBytes; shift += 7)
        {
            if (block.IsEmpty) return false;
            byte part = block[0];
            block = block[1..];
            number += (part & 0x7f) << shift;
            if (part < 0x80) return true;
        }
        return false;
    }
}

using System.Runtime.CompilerServices;
using System.Text;

namespace DataPlane.Http.Headers;

/// <summary>The field lines of one head, what they say about framing and connection, and where reading stopped. Lives
/// as long as the head object it belongs to; the array is kept, so that a connection stops allocating after its
/// largest head. One reader at a time.</summary>
internal sealed class FieldSection
{
    private const int FirstCapacity = 32; // browsers send 12 to 25

    private HeaderField[] _fields = new HeaderField[FirstCapacity];
    private ulong _presentLow;
    private ulong _presentHigh;

    public int Count { get; private set; }

    /// <summary>Offset of the line being read.</summary>
    public int LineStart { get; set; }

    /// <summary>Everything before this offset has been looked at and is not looked at again.</summary>
    public int Scanned { get; set; }

    /// <summary>Offset of the colon of the line being read; 0 while its name is being read.</summary>
    public int NameEnd { get; set; }

    public HeadFault Fault { get; set; }

    public bool HasContentLength { get; set; }

    public long ContentLength { get; set; }

    public bool IsChunked { get; set; }

    public ConnectionOptions Options { get; set; }

    public int OptionCount { get; set; }

    public Span<HeaderField> Fields => _fields.AsSpan(0, Count);

    public void Reset()
    {
        Count = 0;
        _presentLow = 0;
        _presentHigh = 0;
        LineStart = 0;
        Scanned = 0;
        NameEnd = 0;
        Fault = HeadFault.None;
        HasContentLength = false;
        ContentLength = 0;
        IsChunked = false;
        Options = ConnectionOptions.None;
        OptionCount = 0;
    }

    /// <summary>The place for the next field; its content is stale and must be overwritten whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref HeaderField Add(KnownHeader known)
    {
        var fields = _fields;
        var at = Count;
        if (at >= fields.Length)
            fields = Grow();
        Count = at + 1;
        if ((int)known < 64)
            _presentLow |= 1UL << (int)known;
        else
            _presentHigh |= 1UL << ((int)known - 64);
        return ref fields[at];
    }

    public bool Has(KnownHeader known) =>
        ((int)known < 64 ? _presentLow >> (int)known : _presentHigh >> ((int)known - 64)) % 2 != 0;

    /// <summary>The first field of that name. The common answer, no, costs no look at the fields.</summary>
    public bool TryFind(KnownHeader known, out HeaderField field)
    {
        if (Has(known))
        {
            foreach (ref readonly var candidate in Fields)
            {
                if (candidate.Known != known)
                    continue;
                field = candidate;
                return true;
            }
        }

        field = default;
        return false;
    }

    public bool TryFind(ReadOnlySpan<byte> headBytes, ReadOnlySpan<byte> name, out HeaderField field)
    {
        foreach (ref readonly var candidate in Fields)
        {
            if (candidate.NameLength != name.Length || !Ascii.EqualsIgnoreCase(candidate.Name(headBytes), name))
                continue;
            field = candidate;
            return true;
        }

        field = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private HeaderField[] Grow()
    {
        Array.Resize(ref _fields, _fields.Length * 2);
        return _fields;
    }
}

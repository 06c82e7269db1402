using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Http2;

/// <summary>
/// Writes a header block (RFC 7541) without a memory of its own: entries of the static table, and literals that the
/// peer need not remember, as they are. Most of what a gateway sends differs from request to request (ids, traces,
/// addresses), and a table would have to be searched for all of it. A mutable value over a span that is known to be
/// large enough; 0 bytes.
/// </summary>
public ref struct HpackWriter(Span<byte> destination)
{
    /// <summary>Nobody on the way may put the field into a table either.</summary>
    private const byte NeverIndexed = 0x10;

    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    /// <summary>
    /// Most bytes of a block of so many fields, whose names and values have so many bytes together.
    /// </summary>
    public static int Bound(int fieldBytes, int fieldCount) => fieldBytes + (fieldCount * 11);

    /// <summary>
    /// To begin the first block of a connection with: the table of this side has no room, whatever the peer allows.
    /// </summary>
    public void PutNoTable() => Put(0x20);

    /// <summary>Name and value as the static table has them.</summary>
    public void PutIndexed(int index) => PutNumber(0x80, 7, index);

    /// <summary>
    /// The name of an entry of the static table, with another value, which may be given in two parts.
    /// </summary>
    public void PutNamed(int nameIndex, scoped ReadOnlySpan<byte> value, scoped ReadOnlySpan<byte> more = default)
    {
        PutNumber(0, 4, nameIndex);
        PutNumber(0, 7, value.Length + more.Length);
        PutRaw(value);
        PutRaw(more);
    }

    /// <summary>Any field; letters of the name become lower case (RFC 9113, 8.2).</summary>
    public void PutField(
        KnownHeader known, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value,
        scoped ReadOnlySpan<byte> more = default)
    {
        bool isSecret = known is KnownHeader.Authorization or KnownHeader.Cookie;
        int index = HpackStaticTable.IndexOf(known);
        PutNumber(isSecret ? NeverIndexed : (byte)0, 4, index);
        if (index == 0)
        {
            PutNumber(0, 7, name.Length);
            Ascii.ToLower(name, _destination[Length..], out _);
            Length += name.Length;
        }
        PutNumber(0, 7, value.Length + more.Length);
        PutRaw(value);
        PutRaw(more);
    }

    private void PutNumber(byte flags, int prefix, int number)
    {
        int most = (1 << prefix) - 1;
        if (number < most)
        {
            Put((byte)(flags | number));
            return;
        }
        Put((byte)(flags | most));
        for (number -= most; number >= 0x80; number >>= 7) Put((byte)(number | 0x80));
        Put((byte)number);
    }

    private void Put(byte value) => _destination[Length++] = value;

    private void PutRaw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }
}

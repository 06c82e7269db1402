using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataPlane.Http.Headers;

/// <summary>
/// A set of ASCII bytes that 32 bytes are compared with at once. ASCII is a table of 8 rows and 16 columns, by the high
/// and the low half of a byte; a set is one byte per column with a bit for each row, so two table look-ups and an AND
/// answer for each byte. Any thread; 0 bytes.
/// </summary>
internal readonly struct AsciiSet
{
    private readonly Vector256<byte> _columns;

    public AsciiSet(ReadOnlySpan<byte> members)
    {
        Span<byte> columns = stackalloc byte[Vector128<byte>.Count];
        columns.Clear();
        foreach (var member in members)
            columns[member & 0x0f] |= (byte)(1 << (member >> 4));
        var half = Vector128.Create<byte>(columns);
        _columns = Vector256.Create(half, half);
    }

    /// <summary>All ones for each byte that is not in the set, as no byte from 0x80 on is. Needs AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Outside(Vector256<byte> bytes)
    {
        var rows = Vector256.Create(
            1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);
        // The shuffle looks at the low half of an index only, and gives 0 where its highest bit is set.
        var rowsOfColumn = Avx2.Shuffle(_columns, bytes);
        var row = Avx2.Shuffle(rows, bytes >>> 4);
        return Vector256.Equals(rowsOfColumn & row, Vector256<byte>.Zero);
    }
}

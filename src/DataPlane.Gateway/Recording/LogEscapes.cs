using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What may not stand in a log line as it came: quotes, backslashes, control characters, bytes that are no text. Takes
/// any bytes; 0 bytes allocated.
/// </summary>
internal static class LogEscapes
{
    /// <summary>
    /// The inside of a JSON string: as much as fits into <paramref name="maxBytes"/> at <paramref name="to"/>, cut at a
    /// whole character. Its length.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Json(ReadOnlySpan<byte> text, ref byte to, int maxBytes) =>
        text.Length <= maxBytes && TryCopyPlain(text, ref to)
            ? text.Length
            : EscapeJson(text, MemoryMarshal.CreateSpan(ref to, maxBytes));

    /// <summary>
    /// The inside of a quoted field, in the spelling of Apache and nginx: \xHH for every byte that is not plain. As
    /// much as fits; its length.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Quoted(ReadOnlySpan<byte> text, ref byte to, int maxBytes) =>
        text.Length <= maxBytes && TryCopyPlain(text, ref to)
            ? text.Length
            : EscapeQuoted(text, MemoryMarshal.CreateSpan(ref to, maxBytes));

    /// <summary>As <see cref="Json"/>, for texts that are escaped once and kept.</summary>
    public static byte[] RenderJson(ReadOnlySpan<byte> text, int maxBytes)
    {
        byte[] field = new byte[maxBytes];
        return field[..EscapeJson(text, field)];
    }

    /// <summary>
    /// Copies printable ASCII without quote and backslash, which is plain in every format: most values are, and short.
    /// False, with part of it copied, when there is anything else.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCopyPlain(ReadOnlySpan<byte> text, ref byte to)
    {
        ref byte from = ref MemoryMarshal.GetReference(text);
        if (text.Length < Vector128<byte>.Count) return TryCopyShort(ref from, ref to, text.Length);
        nint last = text.Length - Vector128<byte>.Count;
        for (nint at = 0; at < last; at += Vector128<byte>.Count)
        {
            if (!TryCopy16(ref from, ref to, at)) return false;
        }
        // The last 16 overlap those before them, unless the length is a multiple.
        return TryCopy16(ref from, ref to, last);
    }

    /// <summary>Fewer than 16 bytes: two pieces that overlap, looked at together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCopyShort(ref byte from, ref byte to, int length)
    {
        if (length >= sizeof(ulong))
        {
            nint second = length - sizeof(ulong);
            ulong first = Unsafe.ReadUnaligned<ulong>(ref from);
            ulong last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, second));
            Unsafe.WriteUnaligned(ref to, first);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, second), last);
            return ArePlain(Vector128.Create(first, last).AsByte());
        }
        if (length >= sizeof(uint))
        {
            nint second = length - sizeof(uint);
            uint first = Unsafe.ReadUnaligned<uint>(ref from);
            uint last = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, second));
            Unsafe.WriteUnaligned(ref to, first);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, second), last);
            return ArePlain(Vector128.Create(first | (ulong)last << 32).AsByte());
        }
        return TryCopyBytes(ref from, ref to, length);
    }

    /// <summary>Up to three: the first, the middle and the last are all there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCopyBytes(ref byte from, ref byte to, int length)
    {
        if (length == 0) return true;
        byte first = from;
        byte middle = Unsafe.Add(ref from, length >> 1);
        byte last = Unsafe.Add(ref from, length - 1);
        to = first;
        Unsafe.Add(ref to, length >> 1) = middle;
        Unsafe.Add(ref to, length - 1) = last;
        return ArePlain(Vector128.Create((uint)(first | first << 8 | middle << 16 | last << 24)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCopy16(ref byte from, ref byte to, nint at)
    {
        var bytes = Vector128.LoadUnsafe(ref from, (nuint)at);
        bytes.StoreUnsafe(ref to, (nuint)at);
        return ArePlain(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ArePlain(Vector128<byte> bytes)
    {
        // Signed: 0x80 and above are below the space as well.
        var odd = Vector128.LessThan(bytes.AsSByte(), Vector128.Create((sbyte)' ')).AsByte()
            | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.Equals(bytes, Vector128.Create((byte)0x7f));
        return odd == Vector128<byte>.Zero;
    }

    private static bool IsPlain(byte value) => value is >= 0x20 and < 0x7f and not ((byte)'"' or (byte)'\\');

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EscapeJson(ReadOnlySpan<byte> text, Span<byte> field)
    {
        int written = 0;
        Span<byte> escaped = stackalloc byte[6];
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out int taken);
            int length = status == OperationStatus.Done ? EscapeRune(rune, escaped) : EscapeUnit(0xfffd, escaped);
            if (length > field.Length - written) break;
            escaped[..length].CopyTo(field[written..]);
            written += length;
            text = text[taken..];
        }
        return written;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EscapeQuoted(ReadOnlySpan<byte> text, Span<byte> field)
    {
        int written = 0;
        foreach (byte each in text)
        {
            bool isPlain = IsPlain(each);
            if ((isPlain ? 1 : 4) > field.Length - written) break;
            if (isPlain)
            {
                field[written++] = each;
                continue;
            }
            "\\x"u8.CopyTo(field[written..]);
            Utf8Formatter.TryFormat(each, field[(written + 2)..], out _, new StandardFormat('X', 2));
            written += 4;
        }
        return written;
    }

    private static int EscapeRune(Rune rune, Span<byte> escaped)
    {
        if (rune.Value is '"' or '\\')
        {
            escaped[0] = (byte)'\\';
            escaped[1] = (byte)rune.Value;
            return 2;
        }
        // DEL and C1 controls are legal in JSON, but steer the terminal of whoever reads the log.
        return Rune.IsControl(rune) ? EscapeUnit(rune.Value, escaped) : rune.EncodeToUtf8(escaped);
    }

    private static int EscapeUnit(int value, Span<byte> escaped)
    {
        "\\u"u8.CopyTo(escaped);
        Utf8Formatter.TryFormat((ushort)value, escaped[2..], out _, new StandardFormat('x', 4));
        return 6;
    }
}

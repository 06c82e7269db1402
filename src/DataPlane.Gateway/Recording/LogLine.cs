using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes one line into its space. A format says at the start how long its line can get, and that is checked once,
/// because what lies behind the space are other lines; pieces are not checked again. 0 bytes.
/// <para>
/// Everything here is inlined and nothing takes the value's address, so that the position stays in a register: a line
/// has some forty pieces. What is long in code is called: it is the same code for each field, and stays at hand.
/// </para>
/// </summary>
internal ref struct LogLine
{
    /// <summary>How many bytes behind it a piece may overwrite: words are written whole.</summary>
    private const int Overrun = sizeof(ulong);

    private readonly ref byte _start;
    private readonly int _capacity;
    private ref byte _at;

    /// <summary>Throws when a line of <paramref name="mostBytes"/> might not fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LogLine(Span<byte> space, int mostBytes)
    {
        if (mostBytes > space.Length - Overrun) ThrowTooLong();
        _start = ref MemoryMarshal.GetReference(space);
        _at = ref _start;
        _capacity = space.Length;
    }

    public readonly int Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)Unsafe.ByteOffset(ref _start, ref _at);
    }

    /// <summary>Bytes of the space not yet written.</summary>
    public readonly int Left => _capacity - Length;

    /// <summary>Bytes that need no care: our own words, and what was escaped before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Literal(scoped ReadOnlySpan<byte> text)
    {
        ref byte from = ref MemoryMarshal.GetReference(text);
        if (text.Length is >= 16 and <= 32)
        {
            // Ids and most prepared pieces: two halves that overlap, without a call.
            nuint second = (nuint)text.Length - 16;
            var (first, last) = (Vector128.LoadUnsafe(ref from), Vector128.LoadUnsafe(ref from, second));
            first.StoreUnsafe(ref _at);
            last.StoreUnsafe(ref _at, second);
        }
        else
        {
            Unsafe.CopyBlockUnaligned(ref _at, ref from, (uint)text.Length);
        }
        Advance(text.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte value)
    {
        _at = value;
        Advance(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Number(long value) => Advance(LogDigits.Write(value, ref _at));

    /// <summary>Seconds with six decimals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seconds(long microseconds) => Advance(LogDigits.WriteSeconds(microseconds, ref _at));

    /// <summary>The inside of a JSON string, cut at <paramref name="maxBytes"/>, at a whole character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Json(scoped ReadOnlySpan<byte> text, int maxBytes) =>
        Advance(LogEscapes.Json(text, ref _at, maxBytes));

    /// <summary>The inside of a quoted field of the common log format, cut at <paramref name="maxBytes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Quoted(scoped ReadOnlySpan<byte> text, int maxBytes) =>
        Advance(LogEscapes.Quoted(text, ref _at, maxBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(int bytes) => _at = ref Unsafe.Add(ref _at, bytes);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowTooLong() =>
        throw new InvalidOperationException("A log line is longer than the sum of its fields' limits.");
}

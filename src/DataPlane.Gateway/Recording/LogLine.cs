using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes one line into its space. Every piece has a limit of its own, and <see cref="RecordingLimits.LineBytes"/> is
/// above their sum (a test fills all of them); each write is checked once against the end of the space all the same,
/// because what lies behind it are other lines. 0 bytes.
/// <para>
/// Everything here is inlined and nothing takes the value's address, so that the position stays in a register: a line
/// has some forty pieces, and storing and loading it for each was a third of the whole (170 to 110 ns).
/// </para>
/// </summary>
internal ref struct LogLine
{
    private readonly ref byte _start;
    private readonly int _capacity;
    private int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LogLine(Span<byte> space)
    {
        _start = ref MemoryMarshal.GetReference(space);
        _capacity = space.Length;
    }

    public readonly int Length => _length;

    /// <summary>Bytes of the space not yet written.</summary>
    public readonly int Left => _capacity - _length;

    /// <summary>Bytes that need no care: our own words, and what was escaped before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Literal(scoped ReadOnlySpan<byte> text)
    {
        Require(text.Length);
        Unsafe.CopyBlockUnaligned(
            ref Unsafe.Add(ref _start, _length), ref MemoryMarshal.GetReference(text), (uint)text.Length);
        _length += text.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte value)
    {
        Require(1);
        Unsafe.Add(ref _start, _length++) = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Number(long value)
    {
        Require(LogDigits.MaxBytes);
        _length += LogDigits.Write(value, ref Unsafe.Add(ref _start, _length));
    }

    /// <summary>Seconds with six decimals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seconds(long microseconds)
    {
        Require(LogDigits.MaxBytes + LogDigits.FractionBytes);
        _length += LogDigits.WriteSeconds(microseconds, ref Unsafe.Add(ref _start, _length));
    }

    /// <summary>The inside of a JSON string, cut at <paramref name="maxBytes"/>, at a whole character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Json(scoped ReadOnlySpan<byte> text, int maxBytes)
    {
        Require(maxBytes);
        _length += LogEscapes.Json(text, ref Unsafe.Add(ref _start, _length), maxBytes);
    }

    /// <summary>The inside of a quoted field of the common log format, cut at <paramref name="maxBytes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Quoted(scoped ReadOnlySpan<byte> text, int maxBytes)
    {
        Require(maxBytes);
        _length += LogEscapes.Quoted(text, ref Unsafe.Add(ref _start, _length), maxBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Require(int bytes)
    {
        if (bytes > _capacity - _length) ThrowTooLong();
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowTooLong() =>
        throw new InvalidOperationException("A log line is longer than the sum of its fields' limits.");
}

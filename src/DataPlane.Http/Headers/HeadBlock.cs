using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataPlane.Http.Headers;

/// <summary>
/// The next 32 bytes of a head, to be asked about all at once. Every answer is a mask whose bit n speaks about the nth
/// byte from the place asked for; 0 for those behind the end. There a block reaches back instead of forward and the
/// masks are shifted, so that no tail is left to be read byte by byte.
/// </summary>
internal readonly struct HeadBlock
{
    /// <summary>Bytes per block; also what <c>TrailingZeroCount</c> says of a mask without a bit.</summary>
    public const int Bytes = 32;

    private readonly Vector256<byte> _bytes;
    private readonly int _reachedBack;

    /// <summary>Needs <see cref="CanRead"/>, and <paramref name="at"/> to be the offset of a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HeadBlock(ReadOnlySpan<byte> head, int at)
    {
        Debug.Assert(CanRead(head) && (uint)at < (uint)head.Length, "a block is read inside the head");
        int start = Math.Min(at, head.Length - Bytes);
        _reachedBack = at - start;
        // Inside by the two conditions above; a checked slice per line would cost as much as the questions asked.
        _bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(head), (nuint)start);
    }

    /// <summary>Control bytes except HTAB: one of these ends a field's value or a reason phrase.</summary>
    public uint ValueStops
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var isControl = Vector256.Equals(Vector256.Min(_bytes, Vector256.Create((byte)0x1f)), _bytes);
            var isTab = Vector256.Equals(_bytes, Vector256.Create((byte)'\t'));
            var isDelete = Vector256.Equals(_bytes, Vector256.Create((byte)0x7f));
            return Mask(Vector256.AndNot(isControl, isTab) | isDelete);
        }
    }

    /// <summary>False for heads shorter than a block and for machines without the instructions: these are read by the
    /// parsers' careful paths alone.</summary>
    public static bool CanRead(ReadOnlySpan<byte> head) => Avx2.IsSupported && head.Length >= Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Of(byte value) => Mask(Vector256.Equals(_bytes, Vector256.Create(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Outside(in AsciiSet set) => Mask(set.Outside(_bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Mask(Vector256<byte> matches) => matches.ExtractMostSignificantBits() >> _reachedBack;
}

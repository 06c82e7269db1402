using System.Numerics;
using System.Runtime.CompilerServices;
using DataPlane.Http;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Copies the fields of a received head that a filter keeps, as <c>Name: value CRLF</c> whatever white space they came
/// with. Lines that already look like that are copied together as far as they are neighbours: most heads go out in two
/// or three pieces. 0 bytes.
/// </summary>
public static class FieldCopier
{
    private const int LineEndBytes = 2;

    /// <summary>Fields judged at once: one bit each.</summary>
    private const int WordBits = 64;

    /// <summary>
    /// <paramref name="before"/> is what goes out in front of the fields just as it came, from somewhere up to the
    /// first of them; empty for nothing.
    /// </summary>
    public static void Copy<TFilter>(
        ref HeadWriter writer, ReadOnlySpan<byte> head, ReadOnlySpan<HeaderField> fields, ref TFilter filter,
        ByteRange before = default)
        where TFilter : struct, IFieldFilter
    {
        while (true)
        {
            var some = fields.Length > WordBits ? fields[..WordBits] : fields;
            ulong kept = Judge(head, some, filter.Dropped, filter.AskedLengths, out ulong asked, out ulong odd);
            for (; asked != 0; asked &= asked - 1)
            {
                int at = BitOperations.TrailingZeroCount(asked);
                if (!filter.Keeps(in some[at], head)) kept &= ~(1UL << at);
            }
            PutKept(ref writer, head, some, kept, odd, before);
            if (some.Length == fields.Length) return;
            fields = fields[WordBits..];
            before = default;
        }
    }

    /// <summary>Bytes that copying can add to what was received: one space per field without any.</summary>
    public static int Growth(int fieldCount) => fieldCount;

    /// <summary>
    /// Bit n: field n is kept, but for the filter's word on those that are <paramref name="asked"/>; those that are
    /// <paramref name="odd"/> are not written as we do. Nothing is called from here, so that all of it stays in
    /// registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Judge(
        ReadOnlySpan<byte> head, ReadOnlySpan<HeaderField> fields, KnownHeaderSet dropped, ulong askedLengths,
        out ulong asked, out ulong odd)
    {
        ulong kept = 0, questioned = 0, unusual = 0;
        for (int at = 0; at < fields.Length; at++)
        {
            ref readonly var field = ref fields[at];
            if (field.HopByHop || dropped.Has(field.Known)) continue;
            ulong bit = 1UL << at;
            kept |= bit;
            if (((askedLengths >> field.NameLength) & 1) != 0) questioned |= bit;
            if (!IsPlain(in field, head)) unusual |= bit;
        }
        asked = questioned;
        odd = unusual;
        return kept;
    }

    // Exactly one space before the value and none after it: the line can go out as it came.
    private static bool IsPlain(in HeaderField field, ReadOnlySpan<byte> head) =>
        field.ValueStart == field.NameStart + field.NameLength + 2
        && head[field.ValueStart - 1] == ' '
        && head[field.ValueStart + field.ValueLength] == '\r';

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PutKept(
        ref HeadWriter writer, ReadOnlySpan<byte> head, ReadOnlySpan<HeaderField> fields, ulong kept, ulong odd,
        ByteRange before)
    {
        ulong plain = kept & ~odd;
        bool isJoined = !before.IsEmpty && (plain & 1) != 0;
        if (!isJoined && !before.IsEmpty) writer.Put(before.Of(head));
        int at = 0;
        for (; kept != 0; kept = at < WordBits ? kept >> at << at : 0)
        {
            int first = BitOperations.TrailingZeroCount(kept);
            int run = BitOperations.TrailingZeroCount(~(plain >> first));
            at = first + Math.Max(run, 1);
            if (run == 0)
            {
                PutOdd(ref writer, head, in fields[first]);
                continue;
            }
            // Lines that came one after the other lie so.
            ref readonly var last = ref fields[at - 1];
            int start = isJoined && first == 0 ? before.Start : fields[first].NameStart;
            writer.Put(head[start..(last.ValueStart + last.ValueLength + LineEndBytes)]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PutOdd(ref HeadWriter writer, ReadOnlySpan<byte> head, in HeaderField field)
    {
        writer.Put(field.Name(head));
        writer.Put(": "u8);
        writer.Put(field.Value(head));
        writer.Put("\r\n"u8);
    }
}

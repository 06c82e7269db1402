using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Copies the fields of a received head that a filter keeps, as <c>Name: value CRLF</c> whatever white space they came
/// with. Lines that already look like that are copied together as far as they are neighbours. 0 bytes.
/// </summary>
public static class FieldCopier
{
    public static void Copy<TFilter>(
        ref HeadWriter writer, ReadOnlySpan<byte> head, ReadOnlySpan<HeaderField> fields, TFilter filter)
        where TFilter : struct, IFieldFilter
    {
        int runStart = 0;
        int runEnd = 0;
        foreach (ref readonly var field in fields)
        {
            if (!filter.Keeps(in field, head)) continue;
            int valueEnd = field.ValueStart + field.ValueLength;
            if (!IsPlain(in field, head, valueEnd))
            {
                writer.Put(head[runStart..runEnd]);
                runStart = runEnd = 0;
                writer.Put(field.Name(head));
                writer.Put(": "u8);
                writer.Put(field.Value(head));
                writer.Put("\r\n"u8);
                continue;
            }
            if (field.NameStart != runEnd)
            {
                writer.Put(head[runStart..runEnd]);
                runStart = field.NameStart;
            }
            runEnd = valueEnd + 2;
        }
        writer.Put(head[runStart..runEnd]);
    }

    // Exactly one space before the value and none after it: the line can go out as it came.
    private static bool IsPlain(in HeaderField field, ReadOnlySpan<byte> head, int valueEnd) =>
        field.ValueStart == field.NameStart + field.NameLength + 2
        && head[field.ValueStart - 1] == ' '
        && head[valueEnd] == '\r';

    /// <summary>Bytes that copying can add to what was received: one space per field without any.</summary>
    public static int Growth(ReadOnlySpan<HeaderField> fields) => fields.Length;
}

using System.Text;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// The header fields that are signed: names in lower case and in order, values trimmed and with single spaces, fields
/// of one name joined in the order they came. One user at a time; 0 bytes once it has its size.
/// </summary>
internal sealed class SignedFields
{
    private readonly PayloadBuffer _bytes = new();
    private readonly List<Field> _fields = new(16);
    private readonly Comparison<Field> _compare;

    public SignedFields() => _compare = Compare;

    public int Count => _fields.Count;

    public void Clear()
    {
        _bytes.Truncate(0);
        _fields.Clear();
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int start = _bytes.Length;
        Ascii.ToLower(name, _bytes.GetSpan(name.Length), out _);
        _bytes.Advance(name.Length);
        AppendValue(value);
        _fields.Add(new Field(start, name.Length, _bytes.Length - start - name.Length, _fields.Count));
    }

    /// <summary>Call once after the last <see cref="Add"/>.</summary>
    public void Sort() => _fields.Sort(_compare);

    public bool Has(ReadOnlySpan<byte> name)
    {
        foreach (var field in _fields)
        {
            if (NameOf(field).SequenceEqual(name)) return true;
        }
        return false;
    }

    /// <summary><c>name:value LF</c> for each name.</summary>
    public void AppendLines(PayloadBuffer output)
    {
        for (int index = 0; index < _fields.Count; index++)
        {
            var field = _fields[index];
            bool isSame = index > 0 && NameOf(_fields[index - 1]).SequenceEqual(NameOf(field));
            if (isSame)
            {
                output.Append(","u8);
            }
            else
            {
                if (index > 0) output.Append("\n"u8);
                output.Append(NameOf(field));
                output.Append(":"u8);
            }
            output.Append(_bytes.Span.Slice(field.Start + field.NameLength, field.ValueLength));
        }
        if (_fields.Count > 0) output.Append("\n"u8);
    }

    /// <summary><c>host;x-amz-date</c>.</summary>
    public void AppendNames(PayloadBuffer output)
    {
        for (int index = 0; index < _fields.Count; index++)
        {
            var name = NameOf(_fields[index]);
            if (index > 0)
            {
                if (NameOf(_fields[index - 1]).SequenceEqual(name)) continue;
                output.Append(";"u8);
            }
            output.Append(name);
        }
    }

    private ReadOnlySpan<byte> NameOf(Field field) => _bytes.Span.Slice(field.Start, field.NameLength);

    private void AppendValue(ReadOnlySpan<byte> value)
    {
        bool isFirst = true;
        foreach (var range in value.SplitAny(" \t\r\n"u8))
        {
            var word = value[range];
            if (word.IsEmpty) continue;
            if (!isFirst) _bytes.Append(" "u8);
            isFirst = false;
            _bytes.Append(word);
        }
    }

    private int Compare(Field one, Field other)
    {
        int order = NameOf(one).SequenceCompareTo(NameOf(other));
        return order != 0 ? order : one.Place - other.Place;
    }

    private readonly record struct Field(int Start, int NameLength, int ValueLength, int Place);
}

using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// The query of a canonical request: parameters escaped one way and in the order of their bytes. One user at a time;
/// 0 bytes once it has its size.
/// </summary>
internal sealed class CanonicalQuery
{
    private readonly PayloadBuffer _bytes = new();
    private readonly List<Parameter> _parameters = new(16);
    private readonly Comparison<Parameter> _compare;

    public CanonicalQuery() => _compare = Compare;

    /// <summary>Appends all but <paramref name="leftOut"/>, a name as it is unescaped.</summary>
    public void Append(PayloadBuffer output, ReadOnlySpan<byte> query, ReadOnlySpan<byte> leftOut = default)
    {
        _bytes.Truncate(0);
        _parameters.Clear();
        foreach (var range in query.Split((byte)'&'))
        {
            var parameter = query[range];
            if (!parameter.IsEmpty) Add(parameter, leftOut);
        }
        _parameters.Sort(_compare);
        bool isFirst = true;
        foreach (var (start, nameLength, length) in _parameters)
        {
            if (!isFirst) output.Append("&"u8);
            isFirst = false;
            output.Append(_bytes.Span.Slice(start, nameLength));
            output.Append("="u8);
            output.Append(_bytes.Span.Slice(start + nameLength, length - nameLength));
        }
    }

    private void Add(ReadOnlySpan<byte> parameter, ReadOnlySpan<byte> leftOut)
    {
        int equals = parameter.IndexOf((byte)'=');
        int start = _bytes.Length;
        UriEscapes.AppendNormal(_bytes, equals < 0 ? parameter : parameter[..equals]);
        int nameLength = _bytes.Length - start;
        if (!leftOut.IsEmpty && _bytes.Span[start..].SequenceEqual(leftOut))
        {
            _bytes.Truncate(start);
            return;
        }
        if (equals >= 0) UriEscapes.AppendNormal(_bytes, parameter[(equals + 1)..]);
        _parameters.Add(new Parameter(start, nameLength, _bytes.Length - start));
    }

    private int Compare(Parameter one, Parameter other)
    {
        var bytes = _bytes.Span;
        int order = bytes.Slice(one.Start, one.NameLength).SequenceCompareTo(
            bytes.Slice(other.Start, other.NameLength));
        if (order != 0) return order;
        return bytes.Slice(one.Start + one.NameLength, one.Length - one.NameLength).SequenceCompareTo(
            bytes.Slice(other.Start + other.NameLength, other.Length - other.NameLength));
    }

    private readonly record struct Parameter(int Start, int NameLength, int Length);
}

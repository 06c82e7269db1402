using System.Globalization;
using System.Text;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// A query field a request must have, with exactly this value or, when that is null, with any. Fields are split at
/// <c>&amp;</c> and at their first <c>=</c>, then decoded as forms are (WHATWG URL, 5.1): percent escapes, and <c>+</c>
/// is a space. A field without <c>=</c> has an empty value; of several with the same name one has to fit. Any thread; 0
/// bytes.
/// </summary>
internal sealed class QueryCondition
{
    private readonly byte[] _name;
    private readonly byte[]? _value;

    public QueryCondition(string name, string? value)
    {
        _name = Encoding.UTF8.GetBytes(name);
        _value = value is null ? null : Encoding.UTF8.GetBytes(value);
    }

    public bool IsMet(ReadOnlySpan<byte> query)
    {
        while (!query.IsEmpty)
        {
            var end = query.IndexOf((byte)'&');
            var field = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (field.IsEmpty) continue;
            var equals = field.IndexOf((byte)'=');
            var name = equals < 0 ? field : field[..equals];
            if (!DecodedEquals(name, _name)) continue;
            if (_value is null || DecodedEquals(equals < 0 ? default : field[(equals + 1)..], _value)) return true;
        }
        return false;
    }

    private static bool DecodedEquals(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> wanted)
    {
        var at = 0;
        foreach (var expected in wanted)
        {
            if (at == encoded.Length) return false;
            var actual = encoded[at];
            if (actual == '+')
            {
                actual = (byte)' ';
            }
            else if (actual == '%' && at + 2 < encoded.Length
                && byte.TryParse(encoded.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, null, out var decoded))
            {
                actual = decoded;
                at += 2;
            }
            if (actual != expected) return false;
            at++;
        }
        return at == encoded.Length;
    }
}

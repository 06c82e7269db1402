using System.Text;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// A header field a request must have, with exactly this value or, when that is null, with any. A field line is a value
/// of its own: of several with the same name one has to fit. Any thread; 0 bytes.
/// </summary>
internal sealed class HeaderCondition
{
    private readonly KnownHeader _known;
    private readonly byte[] _name;
    private readonly byte[]? _value;

    public HeaderCondition(string name, string? value)
    {
        _name = Encoding.ASCII.GetBytes(name);
        _known = KnownHeaders.Identify(_name);
        _value = value is null ? null : Encoding.UTF8.GetBytes(value);
    }

    public bool IsMet(RequestHead head, ReadOnlySpan<byte> headBytes)
    {
        foreach (ref readonly var field in head.Fields)
        {
            // Known also is Other for all names that are not known, and one value for several alias spellings.
            if (field.Known != _known || field.NameLength != _name.Length) continue;
            if (!Ascii.EqualsIgnoreCase(field.Name(headBytes), _name)) continue;
            if (_value is null || field.Value(headBytes).SequenceEqual(_value)) return true;
        }
        return false;
    }
}

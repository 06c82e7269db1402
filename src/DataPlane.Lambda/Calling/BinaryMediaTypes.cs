using System.Text;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// The media types that a REST API treats as binary: bodies of such a type come to the function as base64, and its
/// base64 leaves decoded for clients that ask for such a type first. Immutable; any thread; 0 bytes.
/// </summary>
internal sealed class BinaryMediaTypes
{
    private readonly byte[][] _types;
    private readonly bool _takesAll;

    public BinaryMediaTypes(IReadOnlyCollection<string> types)
    {
        _takesAll = types.Contains("*/*", StringComparer.Ordinal);
        _types = [.. types.Select(type => Encoding.ASCII.GetBytes(type.ToLowerInvariant()))];
    }

    /// <summary>
    /// Whether the first media type of a Content-Type or Accept is one of them, its parameters aside; with
    /// <c>*/*</c> also when there is none.
    /// </summary>
    public bool Takes(ReadOnlySpan<byte> field)
    {
        if (_takesAll) return true;
        int end = field.IndexOfAny((byte)';', (byte)',');
        var asked = (end < 0 ? field : field[..end]).Trim(" \t"u8);
        foreach (byte[] type in _types)
        {
            bool isSame = type[^1] == '*'
                ? asked.Length >= type.Length && Ascii.EqualsIgnoreCase(asked[..(type.Length - 1)], type.AsSpan(..^1))
                : Ascii.EqualsIgnoreCase(asked, type);
            if (isSame) return true;
        }
        return false;
    }
}

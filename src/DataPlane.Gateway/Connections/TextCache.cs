using System.Text;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Strings of field names and values seen lately: Kestrel wants strings, and most responses repeat most of theirs. One
/// slot per hash, the last one wins. Loop thread; allocates for what is new, or too long to be kept.
/// </summary>
internal sealed class TextCache
{
    private const int Slots = 512;
    private const int LongestText = 96;

    private readonly string?[] _texts = new string?[Slots];

    public string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "";
        if (bytes.Length > LongestText) return Encoding.Latin1.GetString(bytes);
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var kept = ref _texts[hash.ToHashCode() & (Slots - 1)];
        if (kept is not null && Is(kept, bytes)) return kept;
        return kept = Encoding.Latin1.GetString(bytes);
    }

    private static bool Is(string text, ReadOnlySpan<byte> bytes)
    {
        if (text.Length != bytes.Length) return false;
        // Ascii.Equals knows no bytes beyond ASCII, which then simply miss the cache.
        return Ascii.Equals(bytes, text);
    }
}

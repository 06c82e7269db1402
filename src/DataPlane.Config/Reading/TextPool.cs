namespace DataPlane.Config.Reading;

/// <summary>
/// Gives equal short texts of one load the same string: keys, methods, names of hosts and upstreams stand in a file a
/// thousand times. A table of fixed size, where a text takes the place of another one with the same hash: that costs
/// memory, and nothing else.
/// </summary>
internal sealed class TextPool
{
    private const int MostCharacters = 32;

    // 8 KiB: more than the distinct words of a configuration that repeats itself, and less than what it saves.
    private readonly string?[] _texts = new string?[1024];

    public string Of(string text)
    {
        if (text.Length > MostCharacters) return text;
        ref string? place = ref _texts[StringComparer.Ordinal.GetHashCode(text) & (_texts.Length - 1)];
        if (place is null || !string.Equals(place, text, StringComparison.Ordinal)) place = text;
        return place;
    }
}

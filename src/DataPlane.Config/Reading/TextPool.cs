namespace DataPlane.Config.Reading;

/// <summary>
/// Gives equal short texts of one load the same string: keys, methods, names of hosts and upstreams stand in a file a
/// thousand times. A table of fixed size, where a text takes the place of another one with the same hash: that costs
/// memory, and nothing else. Any thread.
/// </summary>
internal sealed class TextPool
{
    private const int MostCharacters = 32;

    // 8 KiB: more than the distinct words of a configuration that repeats itself, and less than what it saves.
    private readonly string?[] _texts = new string?[1024];

    public string Of(ReadOnlySpan<char> text) => Of(text, made: null);

    public string Of(string text) => Of(text, text);

    private string Of(ReadOnlySpan<char> text, string? made)
    {
        if (text.Length > MostCharacters) return made ?? text.ToString();
        // Another thread may replace it meanwhile: looked at once.
        ref string? place = ref _texts[string.GetHashCode(text, StringComparison.Ordinal) & (_texts.Length - 1)];
        string? found = place;
        if (found is not null && text.SequenceEqual(found)) return found;
        return place = made ?? text.ToString();
    }
}

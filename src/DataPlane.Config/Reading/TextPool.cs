using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DataPlane.Config.Reading;

/// <summary>
/// Gives equal short texts the same string, and equal lists of them the same array: keys, methods, names of hosts and
/// captures stand in a file a thousand times, and each object kept is copied by collections that stop the loops. Tables
/// of fixed size, where one takes the place of another with the same hash: that costs memory, and nothing else. Any
/// thread.
/// </summary>
internal sealed class TextPool
{
    private const int MostCharacters = 32;

    // 8 KiB: more than the distinct words of a configuration that repeats itself, and less than what it saves.
    private readonly string?[] _texts = new string?[1024];
    private readonly string[]?[] _lists = new string[]?[256];

    public string Of(ReadOnlySpan<char> text) => Of(text, made: null);

    public string Of(string text) => Of(text, text);

    /// <summary>Has the items of <paramref name="texts"/>, which is not kept.</summary>
    public ImmutableArray<string> ListOf(ReadOnlySpan<string> texts)
    {
        if (texts.IsEmpty) return [];
        int hash = texts.Length;
        foreach (string text in texts) hash = hash * 31 + string.GetHashCode(text, StringComparison.Ordinal);
        // As below: another thread may replace it meanwhile.
        ref string[]? place = ref _lists[hash & (_lists.Length - 1)];
        string[]? found = place;
        if (found is null || !texts.SequenceEqual(found)) place = found = texts.ToArray();
        return ImmutableCollectionsMarshal.AsImmutableArray(found);
    }

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

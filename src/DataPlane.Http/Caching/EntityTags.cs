namespace DataPlane.Http.Caching;

/// <summary>
/// Entity tags and lists of them (RFC 9110 8.8.3, 13.1). A tag without quotes, which some servers send, equals the same
/// one with them. Any thread; 0 bytes.
/// </summary>
public static class EntityTags
{
    /// <summary>If-None-Match: weak comparison with each member of the list, or <c>*</c>.</summary>
    public static bool MatchesAny(ReadOnlySpan<byte> list, ReadOnlySpan<byte> tag)
    {
        var rest = list;
        while (TryTake(ref rest, out var each))
        {
            if (each.SequenceEqual("*"u8) || (!tag.IsEmpty && Opaque(each).SequenceEqual(Opaque(tag)))) return true;
        }
        return false;
    }

    /// <summary>If-Range: both strong and the same.</summary>
    public static bool IsSameStrong(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        !IsWeak(one) && !IsWeak(other) && !one.IsEmpty && Opaque(one).SequenceEqual(Opaque(other));

    public static bool IsWeak(ReadOnlySpan<byte> tag) => tag.StartsWith("W/"u8);

    private static ReadOnlySpan<byte> Opaque(ReadOnlySpan<byte> tag)
    {
        if (IsWeak(tag)) tag = tag[2..];
        return tag is [(byte)'"', .., (byte)'"'] ? tag[1..^1] : tag;
    }

    // Tags may hold commas.
    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> tag)
    {
        rest = rest.TrimStart(" \t,"u8);
        tag = default;
        if (rest.IsEmpty) return false;
        int open = IsWeak(rest) ? 2 : 0;
        int end;
        if (open < rest.Length && rest[open] == '"')
        {
            int close = rest[(open + 1)..].IndexOf((byte)'"');
            end = close < 0 ? rest.Length : open + close + 2;
        }
        else
        {
            end = rest.IndexOf((byte)',');
            if (end < 0) end = rest.Length;
        }
        tag = rest[..end].TrimEnd(" \t"u8);
        rest = rest[end..];
        return true;
    }
}

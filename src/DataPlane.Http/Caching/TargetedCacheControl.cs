using System.Text;

namespace DataPlane.Http.Caching;

/// <summary>
/// Reads CDN-Cache-Control (RFC 9213): a dictionary in the sense of RFC 9651, so that a value that is not one counts
/// for nothing. Keys are taken in any case. Any thread; 0 bytes.
/// </summary>
public static class TargetedCacheControl
{
    /// <summary>False when the field is to be passed over; then <paramref name="directives"/> means nothing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, ref CacheDirectives directives)
    {
        var rest = value.Trim(" \t"u8);
        if (rest.IsEmpty) return false;
        while (true)
        {
            if (!TryTakeMember(ref rest, ref directives)) return false;
            rest = rest.TrimStart(" \t"u8);
            if (rest.IsEmpty) return true;
            if (rest[0] != ',') return false;
            rest = rest[1..].TrimStart(" \t"u8);
            // 4.2.2: a comma must be followed by a member.
            if (rest.IsEmpty) return false;
        }
    }

    private static bool TryTakeMember(ref ReadOnlySpan<byte> rest, ref CacheDirectives directives)
    {
        var key = TakeKey(ref rest);
        if (key.IsEmpty) return false;
        ReadOnlySpan<byte> item = default;
        bool hasItem = !rest.IsEmpty && rest[0] == '=';
        if (hasItem)
        {
            rest = rest[1..];
            if (!TryTakeItem(ref rest, out item)) return false;
        }
        while (!rest.IsEmpty && rest[0] == ';')
        {
            rest = rest[1..].TrimStart((byte)' ');
            if (TakeKey(ref rest).IsEmpty) return false;
            if (rest.IsEmpty || rest[0] != '=') continue;
            rest = rest[1..];
            if (!TryTakeItem(ref rest, out ReadOnlySpan<byte> _)) return false;
        }
        return TryApply(key, item, hasItem, ref directives);
    }

    private static ReadOnlySpan<byte> TakeKey(ref ReadOnlySpan<byte> rest)
    {
        int end = 0;
        while (end < rest.Length && IsKey(rest[end], isFirst: end == 0)) end++;
        var key = rest[..end];
        rest = rest[end..];
        return key;
    }

    private static bool IsKey(byte letter, bool isFirst) =>
        char.IsAsciiLetter((char)letter) || letter == '*'
        || (!isFirst && (char.IsAsciiDigit((char)letter) || letter is (byte)'_' or (byte)'-' or (byte)'.'));

    private static bool TryTakeItem(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> item)
    {
        item = default;
        if (rest.IsEmpty) return false;
        byte first = rest[0];
        int end = first switch
        {
            (byte)'"' => EndOf(rest, (byte)'"'),
            (byte)':' => EndOf(rest, (byte)':'),
            (byte)'(' => EndOf(rest, (byte)')'),
            (byte)'?' => rest.Length > 1 && rest[1] is (byte)'0' or (byte)'1' ? 2 : 0,
            _ when char.IsAsciiDigit((char)first) || first == '-' => EndOfRun(rest, "0123456789.-"u8),
            _ when char.IsAsciiLetter((char)first) || first == '*' => EndOfToken(rest),
            _ => 0,
        };
        item = rest[..end];
        rest = rest[end..];
        return end > 0;
    }

    private static int EndOf(ReadOnlySpan<byte> rest, byte close)
    {
        for (int at = 1; at < rest.Length; at++)
        {
            if (rest[at] == '\\') at++;
            else if (rest[at] == close) return at + 1;
        }
        return 0;
    }

    private static int EndOfRun(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> letters)
    {
        int end = rest.IndexOfAnyExcept(letters);
        return end < 0 ? rest.Length : end;
    }

    private static int EndOfToken(ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOfAny(" \t,;=()\"&"u8);
        return end < 0 ? rest.Length : end;
    }

    private static bool TryApply(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> item, bool hasItem, ref CacheDirectives directives)
    {
        if (Is(key, "max-age"u8)) return TrySeconds(item, out int age) && Set(ref directives, age);
        if (Is(key, "stale-while-revalidate"u8))
        {
            bool isRight = TrySeconds(item, out int seconds);
            directives.StaleWhileRevalidate = seconds;
            return isRight;
        }
        if (Is(key, "stale-if-error"u8))
        {
            bool isRight = TrySeconds(item, out int seconds);
            directives.StaleIfError = seconds;
            return isRight;
        }
        if (hasItem && item.SequenceEqual("?0"u8)) return true;
        directives.Flags |= FlagOf(key);
        return true;
    }

    // 4.2.2: of a key that comes twice the last counts.
    private static bool Set(ref CacheDirectives directives, int age)
    {
        directives.MaxAge = age;
        return true;
    }

    private static bool TrySeconds(ReadOnlySpan<byte> item, out int seconds)
    {
        seconds = CacheControl.Seconds(item);
        return seconds >= 0;
    }

    private static CacheFlags FlagOf(ReadOnlySpan<byte> key)
    {
        if (Is(key, "no-store"u8)) return CacheFlags.NoStore;
        if (Is(key, "no-cache"u8)) return CacheFlags.NoCache;
        if (Is(key, "private"u8)) return CacheFlags.Private;
        if (Is(key, "public"u8)) return CacheFlags.Public;
        if (Is(key, "must-revalidate"u8)) return CacheFlags.MustRevalidate;
        if (Is(key, "proxy-revalidate"u8)) return CacheFlags.ProxyRevalidate;
        return Is(key, "must-understand"u8) ? CacheFlags.MustUnderstand : CacheFlags.None;
    }

    private static bool Is(ReadOnlySpan<byte> key, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(key, known);
}

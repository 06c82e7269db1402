using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Caching;

/// <summary>
/// Reads Cache-Control (RFC 9111 5.2) as caches in use do: names in any case, numbers quoted or not, unknown directives
/// passed over. Of a directive that comes twice the first counts; a lifetime that is no number is over (4.2.1). Any
/// thread; 0 bytes.
/// </summary>
public static class CacheControl
{
    /// <summary>Adds one field line to what lines before it said.</summary>
    public static void Read(ReadOnlySpan<byte> value, ref CacheDirectives directives)
    {
        while (TryTake(ref value, out var name, out var argument, out bool hasArgument))
            Apply(name, argument, hasArgument, ref directives);
    }

    /// <summary>Whether a private="..." or no-cache="..." of the line names this field.</summary>
    public static bool NamesField(ReadOnlySpan<byte> value, ReadOnlySpan<byte> field)
    {
        while (TryTake(ref value, out var name, out var argument, out _))
        {
            if (!Ascii.EqualsIgnoreCase(name, "private"u8) && !Ascii.EqualsIgnoreCase(name, "no-cache"u8)) continue;
            while (ListMembers.TryTake(ref argument, out var each))
            {
                if (Ascii.EqualsIgnoreCase(each, field)) return true;
            }
        }
        return false;
    }

    /// <summary>Digits to seconds, at most 2^31-1 (1.2.2); -1 for anything else.</summary>
    public static int Seconds(ReadOnlySpan<byte> digits)
    {
        if (digits.IsEmpty) return CacheDirectives.None;
        long seconds = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return CacheDirectives.None;
            seconds = Math.Min(int.MaxValue, (seconds * 10) + digit - '0');
        }
        return (int)seconds;
    }

    private static bool TryTake(
        ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> argument, out bool hasArgument)
    {
        name = argument = default;
        hasArgument = false;
        rest = rest.TrimStart(" \t,"u8);
        if (rest.IsEmpty) return false;
        int end = rest.IndexOfAny("=, \t"u8);
        name = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        if (!rest.IsEmpty && rest[0] == '=')
        {
            hasArgument = true;
            argument = TakeArgument(ref rest);
        }
        // What else stands before the comma belongs to nothing.
        int comma = rest.IndexOf((byte)',');
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return true;
    }

    private static ReadOnlySpan<byte> TakeArgument(ref ReadOnlySpan<byte> rest)
    {
        rest = rest[1..];
        ReadOnlySpan<byte> argument;
        if (rest.IsEmpty || rest[0] != '"')
        {
            int end = rest.IndexOf((byte)',');
            argument = (end < 0 ? rest : rest[..end]).TrimEnd(" \t"u8);
            rest = end < 0 ? default : rest[end..];
            return argument;
        }
        int at = 1;
        while (at < rest.Length && rest[at] != '"') at += rest[at] == '\\' ? 2 : 1;
        at = Math.Min(at, rest.Length);
        argument = rest[1..at];
        rest = at < rest.Length ? rest[(at + 1)..] : default;
        return argument;
    }

    private static void Apply(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, bool hasArgument, ref CacheDirectives directives)
    {
        switch (name.Length)
        {
            case 6 when Is(name, "public"u8): directives.Flags |= CacheFlags.Public; break;
            case 7 when Is(name, "max-age"u8) && directives.MaxAge < 0:
                directives.MaxAge = Math.Max(0, Seconds(argument));
                break;
            case 7 when Is(name, "private"u8): directives.Flags |= Qualified(CacheFlags.Private, argument); break;
            case 8 when Is(name, "no-cache"u8): directives.Flags |= Qualified(CacheFlags.NoCache, argument); break;
            case 8 when Is(name, "no-store"u8): directives.Flags |= CacheFlags.NoStore; break;
            case 8 when Is(name, "s-maxage"u8) && directives.SharedMaxAge < 0:
                directives.SharedMaxAge = Math.Max(0, Seconds(argument));
                break;
            case 9 when Is(name, "immutable"u8): directives.Flags |= CacheFlags.Immutable; break;
            case 9 when Is(name, "min-fresh"u8): directives.MinFresh = Seconds(argument); break;
            case 9 when Is(name, "max-stale"u8):
                if (hasArgument) directives.MaxStale = Seconds(argument);
                else directives.Flags |= CacheFlags.AnyStale;
                break;
            case 14 when Is(name, "only-if-cached"u8): directives.Flags |= CacheFlags.OnlyIfCached; break;
            case 14 when Is(name, "stale-if-error"u8): directives.StaleIfError = Seconds(argument); break;
            case 15 when Is(name, "must-revalidate"u8): directives.Flags |= CacheFlags.MustRevalidate; break;
            case 15 when Is(name, "must-understand"u8): directives.Flags |= CacheFlags.MustUnderstand; break;
            case 16 when Is(name, "proxy-revalidate"u8): directives.Flags |= CacheFlags.ProxyRevalidate; break;
            case 22 when Is(name, "stale-while-revalidate"u8):
                directives.StaleWhileRevalidate = Seconds(argument);
                break;
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);

    private static CacheFlags Qualified(CacheFlags flag, ReadOnlySpan<byte> fields) =>
        fields.IsEmpty ? flag : CacheFlags.NamesFields;
}

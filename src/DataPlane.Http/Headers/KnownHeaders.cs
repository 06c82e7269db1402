using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace DataPlane.Http.Headers;

/// <summary>Names to <see cref="KnownHeader"/> and back. Any thread; 0 bytes.</summary>
public static class KnownHeaders
{
    private const int LongestAliasBytes = 17; // Transfer_Encoding, X_Forwarded_Proto

    // A power of two; as many that about one multiplier in fifteen keeps all names apart.
    private const int Slots = 1024;

    /// <summary>Turns every byte that may be a letter into one case; good for finding, not for comparing.</summary>
    private const ulong AnyCase = 0x2020_2020_2020_2020;

    private static readonly byte[][] s_names = BuildNames();
    private static readonly ulong s_multiplier = FindMultiplier();
    private static readonly Slot[] s_slots = BuildSlots();

    /// <summary>Case-insensitive; takes any bytes. <see cref="KnownHeader.Other"/> when nobody asks for it.</summary>
    public static KnownHeader Identify(ReadOnlySpan<byte> name)
    {
        var words = WordsOf(name);
        // One look at the only known name that it could be.
        ref readonly var slot = ref s_slots[SlotOf(words, name.Length, s_multiplier)];
        // The two words are the whole name up to 16 bytes; in longer ones they leave out the middle.
        var isKnown = slot.Length == name.Length
            && ((words.First ^ slot.Name.First) & ~slot.CaseBits.First) == 0
            && ((words.Last ^ slot.Name.Last) & ~slot.CaseBits.Last) == 0
            && (name.Length <= 2 * sizeof(ulong) || Ascii.EqualsIgnoreCase(Name(slot.Known), name));
        return isKnown ? slot.Known : FindAlias(name);
    }

    /// <summary>The usual spelling, for writing; empty for <see cref="KnownHeader.Other"/> and for the aliases, which
    /// have no spelling of their own.</summary>
    public static ReadOnlySpan<byte> Name(KnownHeader known) => s_names[(int)known];

    /// <summary>RFC 9110 7.6.1, and the proxy's own credentials (11.7), which end at this hop.</summary>
    public static bool IsHopByHop(KnownHeader known) =>
        known is >= KnownHeader.TransferEncoding and <= KnownHeader.Http2Settings;

    /// <summary>What such a field says decides about the message itself: see <see cref="FramingFields"/>.</summary>
    internal static bool HasMeaning(KnownHeader known) => known is >= KnownHeader.Host and <= KnownHeader.Connection;

    /// <summary>A client may not have these removed by naming them in Connection: the upstream, or we, decide by
    /// them. (A client that strips X-Forwarded-For this way hides from the upstream's access rules.)</summary>
    public static bool IsProtected(KnownHeader known) => known switch
    {
        KnownHeader.Host or KnownHeader.ContentLength or KnownHeader.Expect => true,
        >= KnownHeader.XForwardedFor and <= KnownHeader.TraceState or KnownHeader.ForwardedAlias => true,
        KnownHeader.Authorization or KnownHeader.WwwAuthenticate => true,
        KnownHeader.Cookie or KnownHeader.SetCookie => true,
        >= KnownHeader.ContentType and <= KnownHeader.ContentRange => true,
        KnownHeader.CacheControl or KnownHeader.Vary or KnownHeader.Age or KnownHeader.Date => true,
        KnownHeader.ETag or KnownHeader.Expires or KnownHeader.LastModified or KnownHeader.Location => true,
        KnownHeader.Origin or KnownHeader.Range or KnownHeader.IfRange => true,
        >= KnownHeader.AccessControlAllowCredentials and <= KnownHeader.AccessControlRequestMethod => true,
        >= KnownHeader.SecWebSocketAccept and <= KnownHeader.SecWebSocketVersion => true,
        _ => false,
    };

    private static int SlotOf(Words words, int length, ulong multiplier)
    {
        ulong mixed = (words.First | AnyCase) + BitOperations.RotateLeft(words.Last | AnyCase, 29) + (ulong)length;
        return (int)(mixed * multiplier >> (64 - int.Log2(Slots)));
    }

    private static KnownHeader FindAlias(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestAliasBytes || !name.Contains((byte)'_'))
            return KnownHeader.Other;
        Span<byte> dashed = stackalloc byte[LongestAliasBytes];
        dashed = dashed[..name.Length];
        name.Replace(dashed, (byte)'_', (byte)'-');
        return Identify(dashed) switch
        {
            KnownHeader.ContentLength or KnownHeader.TransferEncoding => KnownHeader.FramingAlias,
            >= KnownHeader.XForwardedFor and <= KnownHeader.XForwardedPort or KnownHeader.XRealIp =>
                KnownHeader.ForwardedAlias,
            _ => KnownHeader.Other,
        };
    }

    /// <summary>The first and the last 8 bytes as numbers; names of one length up to 16 are equal when these
    /// are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words WordsOf(ReadOnlySpan<byte> name)
    {
        // Each read is inside by the condition above it; slices would check it once more for every name.
        ref var start = ref MemoryMarshal.GetReference(name);
        if (name.Length >= sizeof(ulong))
        {
            return new Words(
                Unsafe.ReadUnaligned<ulong>(ref start),
                Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, name.Length - sizeof(ulong))));
        }

        if (name.Length >= sizeof(uint))
        {
            ulong high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, name.Length - sizeof(uint)));
            ulong word = Unsafe.ReadUnaligned<uint>(ref start) | high << 32;
            return new Words(word, word);
        }

        return ShortWordsOf(name);
    }

    private static Words ShortWordsOf(ReadOnlySpan<byte> name)
    {
        ulong word = 0;
        foreach (var b in name)
            word = word << 8 | b;
        return new Words(word, word);
    }

    private static byte[][] BuildNames()
    {
        var names = new byte[Enum.GetValues<KnownHeader>().Length][];
        for (var i = 0; i < names.Length; i++)
            names[i] = Encoding.ASCII.GetBytes(Spelling((KnownHeader)i));
        return names;
    }

    /// <summary>One that gives each name a slot of its own, which must not take long to find.</summary>
    private static ulong FindMultiplier()
    {
        const ulong Step = 0x9e37_79b9_7f4a_7c15; // 2^64 by the golden ratio: its multiples are spread well
        var multiplier = Step;
        for (var tries = 0; tries < 10_000; tries++, multiplier += Step << 1)
        {
            var taken = new HashSet<int>();
            if (s_names.All(name => name.Length == 0 || taken.Add(SlotOf(WordsOf(name), name.Length, multiplier))))
                return multiplier;
        }

        throw new InvalidOperationException("No multiplier keeps the known names apart: use more slots.");
    }

    private static Slot[] BuildSlots()
    {
        var slots = new Slot[Slots];
        for (var i = 0; i < s_names.Length; i++)
        {
            var name = s_names[i];
            if (name.Length == 0)
                continue;
            var caseBits = Array.ConvertAll(name, b => (byte)(char.IsAsciiLetter((char)b) ? 0x20 : 0));
            var words = WordsOf(name);
            slots[SlotOf(words, name.Length, s_multiplier)] =
                new Slot(words, WordsOf(caseBits), name.Length, (KnownHeader)i);
        }

        return slots;
    }

    /// <summary>The words of the enum's name joined by dashes, except where the registered name differs.</summary>
    private static string Spelling(KnownHeader known) => known switch
    {
        KnownHeader.Other or KnownHeader.ForwardedAlias or KnownHeader.FramingAlias => "",
        KnownHeader.Te => "TE",
        KnownHeader.Http2Settings => "HTTP2-Settings",
        KnownHeader.ETag => "ETag",
        KnownHeader.WwwAuthenticate => "WWW-Authenticate",
        KnownHeader.TraceParent => "traceparent",
        KnownHeader.TraceState => "tracestate",
        KnownHeader.XRealIp => "X-Real-IP",
        >= KnownHeader.SecWebSocketAccept and <= KnownHeader.SecWebSocketVersion =>
            "Sec-WebSocket-" + known.ToString()["SecWebSocket".Length..],
        _ => Dashed(known.ToString()),
    };

    private static string Dashed(string words)
    {
        var text = new StringBuilder();
        foreach (var letter in words)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0)
                text.Append('-');
            text.Append(letter);
        }

        return text.ToString();
    }

    private readonly record struct Words(ulong First, ulong Last);

    /// <summary>One known name and the case bit of every letter in it, the only difference two spellings may have;
    /// length 0 where there is no name.</summary>
    private readonly record struct Slot(Words Name, Words CaseBits, int Length, KnownHeader Known);
}

using System.Buffers.Binary;
using System.Text;

namespace DataPlane.Http.Headers;

/// <summary>Names to <see cref="KnownHeader"/> and back. Any thread; 0 bytes.</summary>
public static class KnownHeaders
{
    private const int LongestAliasBytes = 17; // Transfer_Encoding, X_Forwarded_Proto

    private static readonly byte[][] s_names = BuildNames();
    private static readonly Candidate[][] s_byLength = BuildCandidates();

    /// <summary>Case-insensitive; takes any bytes. <see cref="KnownHeader.Other"/> when nobody asks for it.</summary>
    public static KnownHeader Identify(ReadOnlySpan<byte> name)
    {
        var known = Find(name);
        if (known == KnownHeader.Other && name.Length <= LongestAliasBytes && name.Contains((byte)'_'))
            return FindAlias(name);
        return known;
    }

    /// <summary>The usual spelling, for writing; empty for <see cref="KnownHeader.Other"/> and for the aliases, which
    /// have no spelling of their own.</summary>
    public static ReadOnlySpan<byte> Name(KnownHeader known) => s_names[(int)known];

    /// <summary>RFC 9110 7.6.1, and the proxy's own credentials (11.7), which end at this hop.</summary>
    public static bool IsHopByHop(KnownHeader known) =>
        known is >= KnownHeader.Connection and <= KnownHeader.Http2Settings or KnownHeader.TransferEncoding;

    /// <summary>What such a field says decides about the message itself: see <see cref="FramingFields"/>.</summary>
    internal static bool HasMeaning(KnownHeader known) => known
        is >= KnownHeader.Host and <= KnownHeader.Connection or KnownHeader.Expect or KnownHeader.FramingAlias;

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

    private static KnownHeader Find(ReadOnlySpan<byte> name)
    {
        if ((uint)(name.Length - 1) >= (uint)(s_byLength.Length - 1))
            return KnownHeader.Other;
        var first = Word(name);
        var last = Word(name[Math.Max(0, name.Length - sizeof(ulong))..]);
        foreach (ref readonly var candidate in s_byLength[name.Length].AsSpan())
        {
            // The two words are the whole name up to 16 bytes; in longer ones they leave out the middle.
            if (((first ^ candidate.First) & ~candidate.FirstCase) == 0
                && ((last ^ candidate.Last) & ~candidate.LastCase) == 0
                && (name.Length <= 2 * sizeof(ulong) || Ascii.EqualsIgnoreCase(candidate.Name, name)))
                return candidate.Known;
        }

        return KnownHeader.Other;
    }

    private static KnownHeader FindAlias(ReadOnlySpan<byte> name)
    {
        Span<byte> dashed = stackalloc byte[LongestAliasBytes];
        dashed = dashed[..name.Length];
        name.Replace(dashed, (byte)'_', (byte)'-');
        return Find(dashed) switch
        {
            KnownHeader.ContentLength or KnownHeader.TransferEncoding => KnownHeader.FramingAlias,
            >= KnownHeader.XForwardedFor and <= KnownHeader.XForwardedPort or KnownHeader.XRealIp =>
                KnownHeader.ForwardedAlias,
            _ => KnownHeader.Other,
        };
    }

    /// <summary>Up to 8 bytes of a name as a number: names of one length are equal when their words are.</summary>
    private static ulong Word(ReadOnlySpan<byte> name)
    {
        if (name.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64LittleEndian(name);
        if (name.Length >= sizeof(uint))
        {
            ulong low = BinaryPrimitives.ReadUInt32LittleEndian(name);
            ulong high = BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]);
            return low | high << 32;
        }

        ulong word = 0;
        foreach (var b in name)
            word = word << 8 | b;
        return word;
    }

    /// <summary>The case bit at every letter: the only difference two spellings of a name may have.</summary>
    private static ulong CaseBits(ReadOnlySpan<byte> name)
    {
        Span<byte> bits = stackalloc byte[name.Length];
        for (var at = 0; at < name.Length; at++)
            bits[at] = (byte)(char.IsAsciiLetter((char)name[at]) ? 0x20 : 0);
        return Word(bits);
    }

    private static Candidate CandidateOf(KnownHeader known)
    {
        var name = s_names[(int)known];
        var tail = name.AsSpan(Math.Max(0, name.Length - sizeof(ulong)));
        var head = name.AsSpan(0, Math.Min(name.Length, sizeof(ulong)));
        return new Candidate(Word(head), CaseBits(head), Word(tail), CaseBits(tail), known, name);
    }

    private static byte[][] BuildNames()
    {
        var names = new byte[(int)KnownHeader.FramingAlias + 1][];
        for (var i = 0; i < names.Length; i++)
            names[i] = Encoding.ASCII.GetBytes(Spelling((KnownHeader)i));
        return names;
    }

    private static Candidate[][] BuildCandidates()
    {
        var byLength = new Candidate[s_names.Max(name => name.Length) + 1][];
        for (var length = 0; length < byLength.Length; length++)
        {
            byLength[length] = Enum.GetValues<KnownHeader>()
                .Where(known => length > 0 && s_names[(int)known].Length == length)
                .Select(CandidateOf)
                .ToArray();
        }

        return byLength;
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

    private readonly record struct Candidate(
        ulong First, ulong FirstCase, ulong Last, ulong LastCase, KnownHeader Known, byte[] Name);
}

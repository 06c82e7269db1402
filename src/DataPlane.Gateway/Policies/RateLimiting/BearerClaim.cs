using System.Buffers;
using System.Buffers.Text;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// A claim of the bearer token of a request (RFC 7519), by the bytes it is written in. The signature is not looked at:
/// as a header, a claim tells apart those who keep to the rules. A malformed token has no claims, and costs no
/// exception. Loop threads; 0 bytes.
/// </summary>
internal static class BearerClaim
{
    private const int MostOnStack = 1024;

    /// <summary>False without a token, and when it has no such text, number or boolean at its top.</summary>
    public static bool TryHash(Exchange exchange, ReadOnlySpan<byte> name, ulong seed, out ulong hash)
    {
        hash = 0;
        if (!exchange.Request.TryFind(KnownHeader.Authorization, out var field)) return false;
        var payload = PayloadOf(field.Value(exchange.HeadBytes));
        if (payload.IsEmpty) return false;
        int room = Base64Url.GetMaxDecodedLength(payload.Length);
        byte[]? rented = room > MostOnStack ? ArrayPool<byte>.Shared.Rent(room) : null;
        Span<byte> json = rented ?? stackalloc byte[MostOnStack];
        bool isFound = Base64Url.DecodeFromUtf8(payload, json, out _, out int length) == OperationStatus.Done;
        if (isFound)
        {
            var value = Member(json[..length], name);
            isFound = !value.IsEmpty;
            if (isFound) hash = Hashing.Of(value, seed);
        }
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return isFound;
    }

    /// <summary>The middle one of the three parts of <c>Bearer a.b.c</c>.</summary>
    private static ReadOnlySpan<byte> PayloadOf(ReadOnlySpan<byte> credentials)
    {
        var scheme = "bearer "u8;
        if (credentials.Length < scheme.Length || !Ascii.EqualsIgnoreCase(credentials[..scheme.Length], scheme))
            return default;
        var token = credentials[scheme.Length..];
        int first = token.IndexOf((byte)'.');
        int last = token.LastIndexOf((byte)'.');
        return first < last ? token[(first + 1)..last] : default;
    }

    /// <summary>A value of the outermost object as it is written; empty for objects, lists, null and none.</summary>
    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (!TryTake(ref json, (byte)'{')) return default;
        do
        {
            var key = Scalar(ref json);
            if (key is not [(byte)'"', ..] || !TryTake(ref json, (byte)':')) return default;
            bool isIt = key[1..^1].SequenceEqual(name);
            json = json.TrimStart(" \t\r\n"u8);
            if (json is [(byte)'{' or (byte)'[', ..])
            {
                if (isIt || !TrySkipNested(ref json)) return default;
                continue;
            }
            var value = Scalar(ref json);
            if (value.IsEmpty) return default;
            if (isIt) return value is [(byte)'n', ..] or [_, (byte)'"'] ? default : value;
        }
        while (TryTake(ref json, (byte)','));
        return default;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> json, byte mark)
    {
        json = json.TrimStart(" \t\r\n"u8);
        if (json.IsEmpty || json[0] != mark) return false;
        json = json[1..];
        return true;
    }

    /// <summary>A text with its quotes, or a number or literal; empty when there is none, or no end of it.</summary>
    private static ReadOnlySpan<byte> Scalar(scoped ref ReadOnlySpan<byte> json)
    {
        json = json.TrimStart(" \t\r\n"u8);
        int length = json is [(byte)'"', ..] ? TextLength(json) : json.IndexOfAny(" \t\r\n,:{}[]\""u8);
        if (length <= 0) return default;
        var value = json[..length];
        json = json[length..];
        return value;
    }

    /// <summary>Bytes up to and with the closing quote; 0 without one.</summary>
    private static int TextLength(ReadOnlySpan<byte> json)
    {
        for (int at = 1; at < json.Length; at++)
        {
            int next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0) return 0;
            at += next;
            if (json[at] == '"') return at + 1;
            at++;
        }
        return 0;
    }

    private static bool TrySkipNested(scoped ref ReadOnlySpan<byte> json)
    {
        int depth = 0;
        for (int at = 0; at < json.Length; at++)
        {
            switch (json[at])
            {
                case (byte)'"':
                    int length = TextLength(json[at..]);
                    if (length == 0) return false;
                    at += length - 1;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when --depth == 0:
                    json = json[(at + 1)..];
                    return true;
            }
        }
        return false;
    }
}

using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// The part of a request that consistent hashing goes by, as bytes on the wire: nothing is decoded, since the same
/// client writes the same bytes. Immutable; loop threads; 0 bytes.
/// </summary>
public sealed class HashKey(HashKeyConfig config)
{
    private const ulong Seed = 3;

    private readonly byte[] _name = Encoding.ASCII.GetBytes(config.Name);

    /// <summary>False when the request does not have the key, or has it empty.</summary>
    public bool TryHash(Exchange exchange, out ulong hash)
    {
        var value = config.Kind switch
        {
            HashKeyKind.ClientAddress => exchange.Client.Utf8,
            HashKeyKind.Path => exchange.CanonicalPath,
            HashKeyKind.Header => Field(exchange, _name),
            HashKeyKind.Query => Query(exchange.Request.QueryRange.Of(exchange.HeadBytes)),
            _ => Cookie(exchange),
        };
        hash = value.IsEmpty ? 0 : Hashing.Of(value, Seed);
        return !value.IsEmpty;
    }

    private static ReadOnlySpan<byte> Field(Exchange exchange, ReadOnlySpan<byte> name) =>
        exchange.Request.TryFind(exchange.HeadBytes, name, out var field) ? field.Value(exchange.HeadBytes) : default;

    private ReadOnlySpan<byte> Query(ReadOnlySpan<byte> query)
    {
        while (!query.IsEmpty)
        {
            if (TryValue(Take(ref query, (byte)'&'), out var value)) return value;
        }
        return default;
    }

    /// <summary>RFC 6265 4.2.1; HTTP/1.1 clients send one field, so only the first is read.</summary>
    private ReadOnlySpan<byte> Cookie(Exchange exchange)
    {
        var cookies = Field(exchange, "cookie"u8);
        while (!cookies.IsEmpty)
        {
            if (TryValue(Take(ref cookies, (byte)';').Trim((byte)' '), out var value)) return value;
        }
        return default;
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> list, byte separator)
    {
        int end = list.IndexOf(separator);
        var item = end < 0 ? list : list[..end];
        list = end < 0 ? default : list[(end + 1)..];
        return item;
    }

    private bool TryValue(ReadOnlySpan<byte> pair, out ReadOnlySpan<byte> value)
    {
        bool isIt = pair.Length > _name.Length && pair[_name.Length] == '=' && pair.StartsWith(_name);
        value = isIt ? pair[(_name.Length + 1)..] : default;
        return isIt;
    }
}

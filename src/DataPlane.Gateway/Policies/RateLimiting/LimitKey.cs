using System.Collections.Immutable;
using System.Text;
using DataPlane.Config;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Balancing;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// Who a request is counted under, as 64 bits. Seeded anew in every process, so that nobody can pick values that share
/// a place with somebody else's. A part that the request does not have is replaced by the client's address: leaving a
/// header out must not open a fresh account, nor put all who do so in one. Loop threads; 0 bytes.
/// </summary>
public sealed class LimitKey
{
    private static readonly ulong s_seed = SecretNumber.Next();

    private readonly LimitKeyConfig[] _parts;
    private readonly HashKey?[] _fields;
    private readonly byte[][] _claims;
    private readonly ulong[] _constants;
    private readonly int _ipv6Prefix;

    /// <summary><paramref name="route"/> is the id a part <c>route</c> stands for.</summary>
    public LimitKey(ImmutableArray<LimitKeyConfig> parts, int ipv6Prefix, string route)
    {
        _parts = [.. parts];
        _ipv6Prefix = ipv6Prefix;
        _fields = Array.ConvertAll(_parts, FieldOf);
        _claims = Array.ConvertAll(_parts, part => Encoding.ASCII.GetBytes(part.Name));
        ulong routeHash = Hashing.Of(Encoding.UTF8.GetBytes(route), s_seed);
        _constants = Array.ConvertAll(_parts, part => part.Kind == LimitKeyKind.Route ? routeHash : s_seed);
    }

    public ulong Of(Exchange exchange)
    {
        ulong hash = s_seed;
        for (int index = 0; index < _parts.Length; index++) hash = Hashing.Mix(hash ^ PartOf(exchange, index));
        return hash;
    }

    private static HashKey? FieldOf(LimitKeyConfig part) => part.Kind switch
    {
        LimitKeyKind.Header => new HashKey(new HashKeyConfig(HashKeyKind.Header, part.Name)),
        LimitKeyKind.Query => new HashKey(new HashKeyConfig(HashKeyKind.Query, part.Name)),
        LimitKeyKind.Cookie => new HashKey(new HashKeyConfig(HashKeyKind.Cookie, part.Name)),
        _ => null,
    };

    private static ulong HostOf(Exchange exchange)
    {
        // Letters of both cases are one host; anything else that folds together is no host at all.
        Span<byte> folded = stackalloc byte[256];
        var host = exchange.Host;
        if (host.Length > folded.Length) host = host[..folded.Length];
        Ascii.ToLower(host, folded, out int length);
        return Hashing.Of(folded[..length], s_seed);
    }

    private ulong PartOf(Exchange exchange, int index)
    {
        if (_fields[index] is { } field && field.TryHash(exchange, out ulong hash)) return hash;
        return _parts[index].Kind switch
        {
            LimitKeyKind.Route or LimitKeyKind.Constant => _constants[index],
            LimitKeyKind.Host => HostOf(exchange),
            LimitKeyKind.Consumer when exchange.Facts?.Tls?.Certificate is { } certificate
                => Hashing.Of(certificate.ConsumerUtf8, s_seed),
            LimitKeyKind.Claim when BearerClaim.TryHash(exchange, _claims[index], s_seed, out ulong claim) => claim,
            _ => ForwardedClient.Of(exchange).Network(_ipv6Prefix),
        };
    }
}

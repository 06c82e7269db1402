using DataPlane.Config.Policies;
using DataPlane.Http.Caching;

namespace DataPlane.Gateway.Caching;

/// <summary>A compiled cache policy of a route. Immutable; all loops.</summary>
internal sealed class CacheRules
{
    /// <summary>Second line of the keys: what is stored for one route's upstream answers no other's clients.</summary>
    public required byte[] Space { get; init; }

    public required FreshnessRules Freshness { get; init; }

    /// <summary>Parameters that are part of the key, as written in queries; null for the whole query.</summary>
    public byte[][]? QueryNames { get; init; }

    /// <summary>Fields that are part of the key: lower-case names, a comma behind each.</summary>
    public byte[] FieldNames { get; init; } = [];

    /// <summary>What is stored for a client's certificate answers no other consumer.</summary>
    public bool ByConsumer { get; init; }

    /// <summary>The upstream is told the certificate itself, and may answer by any part of it.</summary>
    public bool ByCertificate { get; init; }

    public bool HonoursClients { get; init; } = true;

    public SetCookieMode SetCookie { get; init; }

    /// <summary>Milliseconds, for responses that do not say it themselves.</summary>
    public long StaleWhileRevalidateMs { get; init; }

    public long StaleIfErrorMs { get; init; }

    /// <summary>How long a request waits for another one's response; 0 for not at all.</summary>
    public int WaitMs { get; init; }

    public bool ShowsStatus { get; init; } = true;
}

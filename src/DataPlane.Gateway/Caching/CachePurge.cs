using System.Text;
using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Gateway.Caching;

/// <summary>Purges as operators write them. Cold; any thread.</summary>
internal static class CachePurge
{
    /// <summary>
    /// False when <paramref name="value"/> is no URL with scheme and host, and has to be one. Without a store there is
    /// nothing to take out.
    /// </summary>
    public static bool TryRun(CacheStore? store, PurgeScope scope, string value, bool isSoft)
    {
        switch (scope)
        {
            case PurgeScope.All:
                store?.PurgeAll(isSoft);
                return true;
            case PurgeScope.Tag:
                store?.PurgeTag(Encoding.UTF8.GetBytes(value), isSoft);
                return true;
        }
        foreach (string url in UrlsOf(value))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(url);
            if (scope == PurgeScope.Key) store?.PurgeUrl(bytes, isSoft);
            else store?.PurgePrefix(bytes, isSoft);
        }
        return UrlsOf(value).Any();
    }

    /// <summary>With the host as it is stored; without a scheme, for both of them.</summary>
    private static IEnumerable<string> UrlsOf(string value)
    {
        int host = value.IndexOf("//", StringComparison.Ordinal);
        if (host < 0 || value.Length == host + 2) yield break;
        string[] schemes = host == 0 ? ["http:", "https:"] : [value[..host].ToLowerInvariant()];
        if (schemes[0] is not ("http:" or "https:")) yield break;
        int path = value.IndexOf('/', host + 2);
        string authority = (path < 0 ? value[host..] : value[host..path]).ToLowerInvariant();
        string rest = path < 0 ? "/" : value[path..];
        foreach (string scheme in schemes) yield return scheme + authority + rest;
    }
}

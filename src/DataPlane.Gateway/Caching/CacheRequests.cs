using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Caching;

/// <summary>What a request means to a cache. 0 bytes.</summary>
internal static class CacheRequests
{
    /// <summary>
    /// False for a request that the cache keeps out of: its answer may depend on what no key has. A body of a GET, a
    /// field by which frameworks choose another path, host or method, a condition that only the upstream can decide.
    /// </summary>
    public static bool MayUse(Exchange exchange)
    {
        var request = exchange.Request;
        if (request.HasBody || request.HasUpgrade || Preconditions.AreOfTheUpstream(request)) return false;
        var head = exchange.HeadBytes;
        foreach (ref readonly var field in request.Fields)
        {
            if (field.Known == KnownHeader.Other && IsOverride(field.Name(head))) return false;
        }
        return true;
    }

    /// <summary>Pragma is not looked at: RFC 9111 5.4 has deprecated it.</summary>
    public static CacheDirectives Directives(Exchange exchange)
    {
        var directives = new CacheDirectives();
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        if (!request.Has(KnownHeader.CacheControl)) return directives;
        foreach (ref readonly var field in request.Fields)
        {
            if (field.Known == KnownHeader.CacheControl) CacheControl.Read(field.Value(head), ref directives);
        }
        return directives;
    }

    /// <summary>Of a method of RFC 9110 9.2.1: its requests change nothing.</summary>
    public static bool IsSafe(RequestMethod method) => method is RequestMethod.Get or RequestMethod.Head
        or RequestMethod.Options or RequestMethod.Trace or RequestMethod.Query;

    // Fields by which caches in use were poisoned: the upstream acts on them, the key does not know them.
    private static bool IsOverride(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 => Is(name, "x-host"u8),
        13 => Is(name, "x-http-method"u8) || Is(name, "x-rewrite-url"u8),
        14 => Is(name, "x-original-url"u8),
        15 => Is(name, "x-original-host"u8) || Is(name, "x-original-path"u8) || Is(name, "x-forwarded-ssl"u8),
        17 => Is(name, "x-method-override"u8),
        18 => Is(name, "x-forwarded-prefix"u8) || Is(name, "x-forwarded-scheme"u8) || Is(name, "x-forwarded-server"u8),
        22 => Is(name, "x-http-method-override"u8),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}

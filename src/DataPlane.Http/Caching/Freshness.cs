namespace DataPlane.Http.Caching;

/// <summary>
/// How long a response may be used and whether it may be stored, in a shared cache. Any thread; 0 bytes.
/// </summary>
public static class Freshness
{
    /// <summary>Neither the response nor a rule says anything about its lifetime.</summary>
    public const long Unknown = -1;

    /// <summary>Seconds from the response's birth (RFC 9111 4.2.1), or <see cref="Unknown"/>.</summary>
    public static long Lifetime(in ResponseFacts facts, in FreshnessRules rules)
    {
        if (IsByTtl(in facts, in rules)) return rules.Ttl;
        var control = facts.Control;
        if (control.Lifetime >= 0) return control.Lifetime;
        if (facts.HasExpires && !facts.IsTargeted) return Math.Max(0, facts.Expires - facts.Date);
        bool mayGuess = facts.LastModified >= 0 && rules.HeuristicShare > 0
            && (IsHeuristic(facts.StatusCode) || control.Has(CacheFlags.Public));
        if (!mayGuess) return Unknown;
        long unchanged = Math.Max(0, facts.Date - facts.LastModified);
        return Math.Min(rules.HeuristicMost, (long)(unchanged * rules.HeuristicShare));
    }

    /// <summary>
    /// Seconds that the response was old when it arrived (4.2.3); <paramref name="delay"/> is how long it took.
    /// </summary>
    public static long InitialAge(in ResponseFacts facts, in FreshnessRules rules, long now, long delay)
    {
        // An operator's lifetime begins when the response comes, whatever its upstream's clock says.
        long apparent = facts.HasDate && !IsByTtl(in facts, in rules) ? Math.Max(0, now - facts.Date) : 0;
        return Math.Max(apparent, facts.Age + delay);
    }

    /// <summary>
    /// RFC 9111 3 for the answer to a GET; a stored response of no lifetime is one that has to be validated each time.
    /// </summary>
    public static bool MayStore(in ResponseFacts facts, long lifetime, bool isAuthorized, bool takesCookies)
    {
        var control = facts.Control;
        int status = facts.StatusCode;
        // Parts are not put together; 304 is no response of its own.
        if (status is < 200 or 206 or 304) return false;
        if (control.Has(CacheFlags.MustUnderstand))
        {
            if (!IsUnderstood(status)) return false;
        }
        else if (control.Has(CacheFlags.NoStore))
        {
            return false;
        }
        if (control.Has(CacheFlags.Private) || facts.VariesOnEverything) return false;
        if (facts.HasSetCookie && !takesCookies) return false;
        // 3.5
        bool isForAll = control.Has(CacheFlags.Public | CacheFlags.MustRevalidate) || control.SharedMaxAge >= 0;
        if (isAuthorized && !isForAll) return false;
        if (lifetime > 0) return true;
        if (lifetime == 0 && control.StaleWhileRevalidate > 0) return true;
        return status == 200 && facts.HasValidator;
    }

    private static bool IsByTtl(in ResponseFacts facts, in FreshnessRules rules)
    {
        if (rules.Ttl < 0 || !TakesTtl(facts.StatusCode)) return false;
        return rules.ForcesTtl || (facts.Control.Lifetime < 0 && (!facts.HasExpires || facts.IsTargeted));
    }

    /// <summary>Status codes whose responses may be kept without being told so (RFC 9110 15.1), but for 206.</summary>
    private static bool IsHeuristic(int status) =>
        status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 405 or 410 or 414 or 501;

    // An error that says nothing is not kept by an operator's ttl.
    private static bool TakesTtl(int status) => status is 200 or 203 or 204 or 300 or 301 or 308;

    private static bool IsUnderstood(int status) => status is 200 or 203 or 204 or (>= 300 and <= 303) or 307 or 308
        or 400 or (>= 401 and <= 417) or 421 or 422 or 426 or (>= 500 and <= 505);
}

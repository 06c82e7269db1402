using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Admin;

/// <summary>Reads <c>?offset=</c> and <c>?limit=</c> of a bounded list.</summary>
internal static class AdminPaging
{
    private const int StandardLimit = 100;

    /// <summary>Of a page: a loop walks it between two turns, about 0.1 ms.</summary>
    private const int MostLimit = 1_000;

    private const int MostOffset = 10_000_000;

    /// <summary>False when a value is no number in its range: <paramref name="problem"/> says which.</summary>
    public static bool TryRead(HttpRequest request, out int offset, out int limit, out string problem)
    {
        limit = StandardLimit;
        problem = "";
        if (TryRead(request, "offset", 0, MostOffset, 0, out offset)
            && TryRead(request, "limit", 1, MostLimit, StandardLimit, out limit)) return true;
        problem = $"offset takes 0 to {MostOffset}, limit 1 to {MostLimit}.";
        return false;
    }

    private static bool TryRead(HttpRequest request, string name, int least, int most, int standard, out int value)
    {
        value = standard;
        string text = request.Query[name].ToString();
        if (text.Length == 0) return true;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= least && value <= most;
    }
}

using System.Buffers;
using System.Net;

namespace DataPlane.Config.Binding;

/// <summary>Host names as they stand in a URL and in a route's condition.</summary>
internal static class HostRules
{
    // RFC 1035, 2.3.4.
    private const int MostCharacters = 253;
    private const int MostLabelCharacters = 63;

    private static readonly SearchValues<char> s_label =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly Problem s_none = new("", "");

    /// <summary>
    /// Labels of letters, digits, dashes and underscores (which DNS names of containers have), or an IPv4 address. A
    /// name whose last label is digits only is an address and nothing else (RFC 3986, 3.2.2; WHATWG URL, 3.5).
    /// </summary>
    public static bool IsName(string text)
    {
        if (text.Length > MostCharacters) return false;
        ReadOnlySpan<char> last = default;
        int labels = 0;
        foreach (Range range in text.AsSpan().Split('.'))
        {
            last = text.AsSpan(range);
            bool isGood = last.Length is > 0 and <= MostLabelCharacters
                && last[0] != '-' && last[^1] != '-' && !last.ContainsAnyExcept(s_label);
            if (!isGood) return false;
            labels++;
        }
        return last.ContainsAnyExceptInRange('0', '9') || (labels == 4 && IPAddress.TryParse(text, out _));
    }

    /// <summary>The host of a route in lower case, or null and what is wrong.</summary>
    public static string? ParseCondition(string text, out Problem problem)
    {
        problem = s_none;
        string host = text.ToLowerInvariant();
        if (host == "*") return host;
        if (host.StartsWith('[') && host.EndsWith(']') && IPAddress.TryParse(host[1..^1], out IPAddress? v6))
            return $"[{v6}]";
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        if (IsName(name)) return host;
        string fix = FixOf(name) ?? "write api.example.com, *.example.com or *";
        problem = new Problem($"{Reading.ScalarNode.Quote(text)} is not a host", fix);
        return null;
    }

    private static string? FixOf(string name)
    {
        if (name.EndsWith('.')) return "remove the final dot";
        if (name.Contains("://", StringComparison.Ordinal)) return "write the host alone";
        if (name.Contains(':')) return "remove the port: a route matches on any";
        if (name.Contains('*')) return "write the star as the first label: *.example.com";
        return name.All(char.IsAscii) ? null : "write it in its ASCII form (xn--...)";
    }
}

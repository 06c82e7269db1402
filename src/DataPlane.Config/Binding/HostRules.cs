using System.Net;

namespace DataPlane.Config.Binding;

/// <summary>Host names as they stand in a URL and in a route's condition.</summary>
internal static class HostRules
{
    // RFC 1035, 2.3.4.
    private const int MostCharacters = 253;
    private const int MostLabelCharacters = 63;

    /// <summary>
    /// Labels of letters, digits, dashes and underscores (which DNS names of containers have), or an IPv4 address. A
    /// name whose last label is digits only is an address and nothing else (RFC 3986, 3.2.2; WHATWG URL, 3.5).
    /// </summary>
    public static bool IsName(string text)
    {
        string[] labels = text.Split('.');
        bool isGood = text.Length <= MostCharacters && labels.All(label =>
            label.Length is > 0 and <= MostLabelCharacters
            && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        if (!isGood || !labels[^1].All(char.IsAsciiDigit)) return isGood;
        return labels.Length == 4 && IPAddress.TryParse(text, out _);
    }

    /// <summary>The host of a route in lower case, or null and what is wrong.</summary>
    public static string? ParseCondition(string text, out Problem problem)
    {
        problem = new Problem(
            $"{Reading.ScalarNode.Quote(text)} is not a host", "write api.example.com, *.example.com or *");
        string host = text.ToLowerInvariant();
        if (host == "*") return host;
        if (host.StartsWith('[') && host.EndsWith(']') && IPAddress.TryParse(host[1..^1], out IPAddress? v6))
            return $"[{v6}]";
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        if (IsName(name)) return host;
        problem = problem with { Fix = FixOf(name) ?? problem.Fix };
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

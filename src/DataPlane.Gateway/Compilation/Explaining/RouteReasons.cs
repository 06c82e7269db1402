using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Gateway.Compilation.Explaining;

/// <summary>
/// Why each route was or was not chosen, in words. The choice itself is the trie's; this looks at one row at a time,
/// with the conditions' own code, and finds what does not fit first.
/// </summary>
internal static class RouteReasons
{
    /// <summary>More are left out: nobody reads them.</summary>
    private const int MostRows = 1000;

    public static List<ExplainedRoute> Of(RouteTrie routes, Exchange exchange)
    {
        string host = Encoding.ASCII.GetString(exchange.Host);
        string path = Encoding.ASCII.GetString(exchange.CanonicalPath);
        string method = Encoding.ASCII.GetString(exchange.Request.MethodRange.Of(exchange.HeadBytes));
        var found = new List<ExplainedRoute>();
        bool isOver = false;
        foreach (var row in routes.Describe().Take(MostRows))
        {
            string? misfit = Misfit(row, host, path, method, exchange);
            bool isChosen = misfit is null && !isOver && row.RouteId == exchange.Route?.Id;
            string why = isChosen ? "chosen" : misfit ?? "fits too, but another one goes first";
            isOver |= isChosen;
            found.Add(new ExplainedRoute(row.RouteId, row.Host, row.Path, isChosen, why));
        }
        return found;
    }

    /// <summary>Null when everything fits.</summary>
    private static string? Misfit(RouteTableRow row, string host, string path, string method, Exchange exchange)
    {
        if (!HostFits(row.Host, host)) return $"is for host {row.Host}";
        if (!PathFits(PathTemplate.Parse(row.Path), path)) return $"its path {row.Path} does not fit";
        bool takesMethod = row.Methods.IsEmpty || row.Methods.Contains(method, StringComparer.Ordinal)
            || (method == "HEAD" && row.Methods.Contains("GET", StringComparer.Ordinal));
        if (!takesMethod) return $"takes {string.Join(", ", row.Methods)} only";
        foreach (var each in row.Headers)
        {
            if (new HeaderCondition(each.Name, each.Value).IsMet(exchange.Request, exchange.HeadBytes)) continue;
            return each.Value is null ? $"wants a header {each.Name}" : $"wants the header {each.Name}: {each.Value}";
        }
        var query = exchange.Request.QueryRange.Of(exchange.HeadBytes);
        foreach (var each in row.Query)
        {
            if (new QueryCondition(each.Name, each.Value).IsMet(query)) continue;
            return each.Value is null ? $"wants ?{each.Name}" : $"wants ?{each.Name}={each.Value}";
        }
        return null;
    }

    private static bool HostFits(string pattern, string host)
    {
        if (pattern == "*") return true;
        return pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.Length > pattern.Length - 1 && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }

    private static bool PathFits(PathTemplate template, string path)
    {
        string[] given = path[1..].Split('/');
        for (int index = 0; index < template.Segments.Length; index++)
        {
            if (index >= given.Length) return false;
            var segment = template.Segments[index];
            // The rest may be empty behind a slash, but not all there is.
            if (segment.Kind == PathSegmentKind.Greedy) return index > 0 || given.Length > 1 || given[0].Length > 0;
            bool fits = segment.Kind == PathSegmentKind.Parameter
                ? given[index].Length > 0
                : segment.Text.Equals(given[index], StringComparison.Ordinal);
            if (!fits) return false;
        }
        int length = template.Segments.Length + (template.TrailingSlash || template.Segments.IsEmpty ? 1 : 0);
        return given.Length == length && (given.Length == template.Segments.Length || given[^1].Length == 0);
    }
}

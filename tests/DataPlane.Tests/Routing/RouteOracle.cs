namespace DataPlane.Tests.Routing;

/// <summary>
/// The contract's order read literally: sort all routes, take the first that fits. Works on strings and shares no code
/// with the trie.
/// </summary>
internal sealed class RouteOracle
{
    private readonly List<(RouteSpec Spec, string Host, int Order)> _rows;

    public RouteOracle(IEnumerable<RouteSpec> specs) =>
        _rows = [.. specs.SelectMany((spec, order) => Words(spec.Hosts, "*").Select(host => (spec, host, order)))];

    /// <summary>In the words of <see cref="RouteRequest.Answer"/>.</summary>
    public string Answer(string method, string path, string query, string host, IReadOnlyList<string> fields)
    {
        var fitting = _rows
            .Where(row => HostFits(row.Host, host) && Captures(row.Spec.Path, path) is not null)
            .Where(row => HeadersFit(row.Spec.Headers, fields) && QueryFits(row.Spec.Query, query))
            .ToList();
        var best = fitting
            .Where(row => MethodRank(row.Spec, method) >= 0)
            .OrderBy(row => HostRank(row.Host))
            .ThenByDescending(row => row.Spec.Priority)
            .ThenBy(row => PathRank(row.Spec.Path), StringComparer.Ordinal)
            .ThenBy(row => MethodRank(row.Spec, method))
            .ThenByDescending(row => Words(row.Spec.Headers).Length)
            .ThenByDescending(row => Words(row.Spec.Query).Length)
            .ThenBy(row => row.Order)
            .FirstOrDefault();
        if (best.Spec is not null) return best.Spec.RouteId + Captures(best.Spec.Path, path);
        if (fitting.Count == 0) return "404";
        var allowed = fitting.SelectMany(row => Words(row.Spec.Methods)).ToHashSet(StringComparer.Ordinal);
        if (allowed.Contains("GET")) allowed.Add("HEAD");
        string[] order = ["GET", "HEAD", "POST", "PURGE"];
        return "405 " + string.Join(", ", order.Where(allowed.Contains));
    }

    private static string[] Words(string text, params string[] whenEmpty) =>
        text.Length == 0 ? whenEmpty : text.Split(' ');

    private static bool HostFits(string pattern, string host)
    {
        if (pattern == "*") return true;
        return pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) && host.Length > pattern.Length - 1
            : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }

    private static int HostRank(string pattern)
    {
        if (pattern == "*") return 2000;
        return pattern[0] == '*' ? 1000 - pattern.Length : 0;
    }

    /// <summary>Null when the path does not fit; else <c> name=value</c> for each parameter.</summary>
    private static string? Captures(string template, string path)
    {
        var wanted = template[1..].Split('/');
        var given = path[1..].Split('/');
        var captures = "";
        for (var i = 0; i < wanted.Length; i++)
        {
            if (i >= given.Length) return null;
            if (wanted[i].EndsWith("+}", StringComparison.Ordinal))
            {
                var rest = string.Join('/', given[i..]);
                return rest.Length == 0 && i == 0 ? null : $"{captures} {wanted[i][1..^2]}={rest}";
            }
            if (wanted[i].StartsWith('{'))
            {
                if (given[i].Length == 0) return null;
                captures += $" {wanted[i][1..^1]}={given[i]}";
            }
            else if (wanted[i] != given[i])
            {
                return null;
            }
        }
        return wanted.Length == given.Length ? captures : null;
    }

    /// <summary>One letter a segment: routes that fit the same path differ in a letter, never in length
    /// alone.</summary>
    private static string PathRank(string template) => string.Concat(template[1..].Split('/').Select(segment =>
    {
        if (!segment.StartsWith('{')) return 'a';
        return segment.EndsWith("+}", StringComparison.Ordinal) ? 'c' : 'b';
    }));

    private static int MethodRank(RouteSpec spec, string method)
    {
        var methods = Words(spec.Methods);
        if (methods.Length == 0) return 2;
        if (methods.Contains(method)) return 0;
        return method == "HEAD" && methods.Contains("GET") ? 1 : -1;
    }

    private static bool HeadersFit(string conditions, IReadOnlyList<string> fields) =>
        Words(conditions).All(condition => fields.Any(field => FieldFits(condition, field.Replace(": ", "="))));

    private static bool QueryFits(string conditions, string query) =>
        Words(conditions).All(condition => query.Split('&').Any(field => FieldFits(condition, field)));

    private static bool FieldFits(string condition, string field) => condition.EndsWith("=*", StringComparison.Ordinal)
        ? field.StartsWith(condition[..^1], StringComparison.OrdinalIgnoreCase)
        : field.Equals(condition, StringComparison.OrdinalIgnoreCase);
}

using System.Collections.Immutable;
using System.Text;

namespace DataPlane.Config.Binding;

/// <summary>Names of a route: the one shown to people, and the one by which equal matches are found.</summary>
internal static class RouteId
{
    /// <summary>
    /// A route's id made from its match: <c>GET api.example.com/users/{id} ?full=*</c>. Depends on nothing else in the
    /// file, so that counters keep their name when routes are added or moved.
    /// </summary>
    /// <param name="hasSecret">Then the values of conditions are masked: an id is printed everywhere.</param>
    public static string FromMatch(RouteMatchConfig match, bool hasSecret)
    {
        var id = new StringBuilder();
        if (!match.Methods.IsEmpty) id.AppendJoin(',', match.Methods).Append(' ');
        id.AppendJoin(',', match.Hosts).Append(match.Path.Text);
        foreach (FieldCondition header in match.Headers) id.Append(' ').Append(Condition(header, hasSecret));
        foreach (FieldCondition query in match.Query) id.Append(" ?").Append(Condition(query, hasSecret));
        if (match.Priority != 0) id.Append(" #").Append(match.Priority);
        for (int i = 0; i < id.Length; i++)
        {
            // A label of metrics and a column of tables: printable ASCII without what those quote.
            if (id[i] is < ' ' or > '~' or '"' or '\\') id[i] = '_';
        }
        return id.Length <= Limits.IdLength ? id.ToString() : id.ToString(0, Limits.IdLength);
    }

    /// <summary>Equal for matches that take exactly the same requests.</summary>
    public static string Key(RouteMatchConfig match)
    {
        // Zero characters cannot stand in any of the parts, so no two different matches run together.
        var hosts = match.Hosts.Contains("*", StringComparer.Ordinal) ? [] : match.Hosts;
        return string.Join('\0',
        [
            match.Path.Shape,
            $"{match.Priority}",
            $"{hosts.Length}", .. hosts.Order(StringComparer.Ordinal),
            $"{match.Methods.Length}", .. match.Methods.Order(StringComparer.Ordinal),
            .. Conditions(match.Headers),
            .. Conditions(match.Query),
        ]);
    }

    private static IEnumerable<string> Conditions(ImmutableArray<FieldCondition> conditions) =>
    [
        $"{conditions.Length}",
        .. conditions
            .OrderBy(condition => condition.Name, StringComparer.Ordinal)
            .SelectMany(condition => new[] { condition.Name, condition.Value is null ? "*" : $"={condition.Value}" }),
    ];

    private static string Condition(FieldCondition condition, bool hasSecret) =>
        $"{condition.Name}={condition.Value switch { null => "*", _ when hasSecret => "***", var value => value }}";
}

using System.Collections.Immutable;
using System.Text;
using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Names of a route: the one shown to people, and the one by which equal matches are found.</summary>
internal static class RouteId
{
    /// <summary>
    /// A route's id made from its match: <c>GET api.example.com/users/{id} ?full=*</c>. Depends on nothing else in the
    /// file, so that counters keep their name when routes are added or moved.
    /// </summary>
    /// <param name="id">Room to write in.</param>
    /// <param name="hasSecret">Then the values of conditions are masked: an id is printed everywhere.</param>
    public static string FromMatch(RouteMatchConfig match, bool hasSecret, StringBuilder id)
    {
        id.Clear();
        if (!match.Methods.IsEmpty) id.AppendJoin(',', match.Methods.AsSpan()).Append(' ');
        id.AppendJoin(',', match.Hosts.AsSpan()).Append(match.Path.Text);
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

    /// <summary>Equal for matches that take exactly the same requests: a <see cref="TextDigest"/>.</summary>
    /// <param name="key">Room to write in.</param>
    public static UInt128 Key(RouteMatchConfig match, StringBuilder key)
    {
        // Zero characters cannot stand in any of the parts, so no two different matches run together.
        key.Clear();
        match.Path.AppendShape(key);
        key.Append('\0').Append(match.Priority);
        Append(key, match.Hosts.Contains("*", StringComparer.Ordinal) ? [] : match.Hosts);
        Append(key, match.Methods);
        Append(key, match.Headers);
        Append(key, match.Query);
        return Digest(key);
    }

    private static UInt128 Digest(StringBuilder key)
    {
        Span<char> text = key.Length <= 1024 ? stackalloc char[key.Length] : new char[key.Length];
        key.CopyTo(0, text, key.Length);
        return TextDigest.Of(text);
    }

    private static void Append(StringBuilder key, ImmutableArray<string> alternatives)
    {
        key.Append('\0').Append(alternatives.Length);
        if (alternatives.Length > 1) alternatives = alternatives.Sort(StringComparer.Ordinal);
        foreach (string each in alternatives) key.Append('\0').Append(each);
    }

    private static void Append(StringBuilder key, ImmutableArray<FieldCondition> conditions)
    {
        key.Append('\0').Append(conditions.Length);
        if (conditions.Length == 0) return;
        foreach (FieldCondition each in conditions.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name)))
        {
            key.Append('\0').Append(each.Name);
            if (each.Value is null) key.Append("\0*");
            else key.Append("\0=").Append(each.Value);
        }
    }

    private static string Condition(FieldCondition condition, bool hasSecret) =>
        $"{condition.Name}={condition.Value switch { null => "*", _ when hasSecret => "***", var value => value }}";
}

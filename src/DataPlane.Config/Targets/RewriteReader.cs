using DataPlane.Config.Reading;

namespace DataPlane.Config.Targets;

/// <summary>Reads the <c>rewrite</c> of a target: the path, and optionally the query, the upstream is sent.</summary>
internal static class RewriteReader
{
    public const string Summary =
        "Path sent upstream instead of the client's, with captures in braces; the client's query is kept unless "
        + "this has one.";

    // RFC 3986, 3.3 and 3.4, without ';' as in route paths.
    private const string Punctuation = "-._~!$&'()*+,=:@/?%";

    public static ValueTemplate? Read(
        ConfigNode? node, NodePath path, GatewayConfigReferences references, ConfigErrors errors)
    {
        if (node is null || !ScalarReader.TryText(node, path, errors, out string text)) return null;
        ValueTemplate? template = ValueTemplate.TryParse(text, references.Captures.AsSpan(), out Problem problem);
        if (template is not null)
        {
            if (ShapeProblem(template) is not { } misshapen) return template;
            problem = misshapen;
        }
        errors.Add(node, path, problem);
        return null;
    }

    private static Problem? ShapeProblem(ValueTemplate template)
    {
        bool startsWithPath = template.Parts is [{ Kind: TemplatePartKind.RequestPath }, ..];
        string sample = template.Render("x");
        if (!startsWithPath && !sample.StartsWith('/')) return new Problem("a path starts with '/'", "add the '/'");
        foreach (char c in sample)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !Punctuation.Contains(c))
            {
                return new Problem(
                    $"the character {ScalarNode.Quote(c.ToString())} is not allowed in a path",
                    c == '#' ? "remove it" : "write it percent-encoded");
            }
        }
        int query = sample.IndexOf('?');
        ReadOnlySpan<char> path = sample.AsSpan(0, query < 0 ? sample.Length : query).TrimStart('/');
        bool hasEmpty = sample.StartsWith("//", StringComparison.Ordinal);
        foreach (Range range in path.Split('/'))
        {
            if (path[range] is "." or "..") return new Problem("has a dot segment", "write the path it leads to");
            hasEmpty |= path[range].IsEmpty && range.End.Value < path.Length;
        }
        return hasEmpty ? new Problem("has an empty segment ('//')", "write one '/'") : null;
    }
}

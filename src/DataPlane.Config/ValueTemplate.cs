using System.Collections.Immutable;
using System.Text;

namespace DataPlane.Config;

/// <summary>
/// Text with values of the request in braces: <c>/v2/users/{id}</c>. <c>{{</c> is a brace, <c>}}</c> its counterpart.
/// Parsed once, so that rendering is a walk over <see cref="Parts"/>. The renderer re-encodes captures for where they
/// go and refuses CR, LF and NUL in the result; the literals here have none. Immutable; any thread.
/// </summary>
public sealed class ValueTemplate
{
    private static readonly Problem s_none = new("", "");

    private static readonly ImmutableArray<TemplatePart> s_variables =
    [
        new(TemplatePartKind.RequestId, "request.id"),
        new(TemplatePartKind.ClientAddress, "client.address"),
        new(TemplatePartKind.RequestHost, "request.host"),
        new(TemplatePartKind.RequestPath, "request.path"),
        new(TemplatePartKind.RequestQuery, "request.query"),
    ];

    private ValueTemplate(string text, ImmutableArray<TemplatePart> parts)
    {
        Text = text;
        Parts = parts;
    }

    /// <summary>As written, or after substitution: then it may hold a secret.</summary>
    public string Text { get; }

    /// <summary>No two literals in a row; none at all for an empty text.</summary>
    public ImmutableArray<TemplatePart> Parts { get; }

    /// <summary>The same for every request.</summary>
    public bool IsLiteral => Parts.All(part => part.Kind == TemplatePartKind.Literal);

    public static ValueTemplate Parse(string text, params IReadOnlyList<string> captures) =>
        TryParse(text, captures, out Problem problem)
        ?? throw new FormatException($"{problem.Message}; {problem.Fix}");

    /// <summary>
    /// Null, and what is wrong, when the text is not a template. <c>captures</c> are the path's names.
    /// </summary>
    public static ValueTemplate? TryParse(string text, IReadOnlyList<string> captures, out Problem problem)
    {
        problem = s_none;
        if (text.Length > Limits.TemplateLength)
        {
            problem = new Problem($"is longer than {Limits.TemplateLength} characters", "write a shorter text");
            return null;
        }
        if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
        {
            problem = new Problem("contains a line end or a zero character", "remove it");
            return null;
        }
        if (text.Length > 0 && text.AsSpan().IndexOfAny('{', '}') < 0)
            return new ValueTemplate(text, [new TemplatePart(TemplatePartKind.Literal, text)]);
        var parts = ImmutableArray.CreateBuilder<TemplatePart>(2);
        var literal = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isDoubled = i + 1 < text.Length && text[i + 1] == text[i];
            if (text[i] != '{' || isDoubled)
            {
                literal.Append(text[i]);
                if (text[i] is '{' or '}' && isDoubled) i++;
                continue;
            }
            if (ParseVariable(text, i, captures, out int end, ref problem) is not { } variable) return null;
            AddLiteral();
            parts.Add(variable);
            i = end;
        }
        AddLiteral();
        return new ValueTemplate(text, parts.DrainToImmutable());

        void AddLiteral()
        {
            if (literal.Length > 0) parts.Add(new TemplatePart(TemplatePartKind.Literal, literal.ToString()));
            literal.Clear();
        }
    }

    /// <summary>
    /// The text with <c>capture</c> in place of every variable, to check the shape of what will be sent.
    /// </summary>
    internal string Render(string capture) => IsLiteral && Parts.Length == 1 ? Parts[0].Text : string.Concat(
        Parts.Select(part => part.Kind == TemplatePartKind.Literal ? part.Text : capture));

    public override string ToString() => Text;

    private static TemplatePart? ParseVariable(
        string text, int start, IReadOnlyList<string> captures, out int end, ref Problem problem)
    {
        end = text.IndexOf('}', start);
        if (end < 0)
        {
            problem = new Problem("'{' has no closing '}'", "close it, or write '{{' for a brace");
            return null;
        }
        string name = text[(start + 1)..end];
        if (captures.Contains(name, StringComparer.Ordinal)) return new TemplatePart(TemplatePartKind.Capture, name);
        foreach (TemplatePart variable in s_variables)
        {
            if (variable.Text == name) return variable;
        }
        IEnumerable<string> known = captures.Concat(s_variables.Select(variable => variable.Text));
        problem = new Problem(
            $"unknown name {Reading.ScalarNode.Quote(name)} in braces",
            $"known names are: {string.Join(", ", known)}; write '{{{{' for a brace");
        return null;
    }
}

using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>
/// Text with values of the request in braces: <c>/v2/users/{id}</c>. <c>{{</c> is a brace, <c>}}</c> its counterpart.
/// Parsed once, so that rendering is a walk over <see cref="Parts"/>. The renderer re-encodes captures for where they
/// go and refuses CR, LF and NUL in the result; the literals here have none. Immutable; any thread.
/// </summary>
public sealed class ValueTemplate
{
    /// <summary>Longer templates are taken apart in an array.</summary>
    private const int StackCharacters = 512;

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
    public bool IsLiteral
    {
        get
        {
            foreach (TemplatePart part in Parts)
            {
                if (part.Kind != TemplatePartKind.Literal) return false;
            }
            return true;
        }
    }

    public static ValueTemplate Parse(string text, params ReadOnlySpan<string> captures) =>
        TryParse(text, captures, out Problem problem)
        ?? throw new FormatException($"{problem.Message}; {problem.Fix}");

    /// <summary>
    /// Null, and what is wrong, when the text is not a template. <c>captures</c> are the path's names.
    /// </summary>
    public static ValueTemplate? TryParse(string text, ReadOnlySpan<string> captures, out Problem problem)
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
        var parts = ImmutableArray.CreateBuilder<TemplatePart>(3);
        Span<char> literal = text.Length <= StackCharacters ? stackalloc char[text.Length] : new char[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool isDoubled = i + 1 < text.Length && text[i + 1] == text[i];
            if (text[i] != '{' || isDoubled)
            {
                literal[length++] = text[i];
                if (text[i] is '{' or '}' && isDoubled) i++;
                continue;
            }
            if (ParseVariable(text, i, captures, out int end, ref problem) is not { } variable) return null;
            AddLiteral(literal[..length], parts);
            length = 0;
            parts.Add(variable);
            i = end;
        }
        AddLiteral(literal[..length], parts);
        return new ValueTemplate(text, parts.DrainToImmutable());
    }

    /// <summary>
    /// The text with <c>capture</c> in place of every variable, to check the shape of what will be sent.
    /// </summary>
    internal string Render(string capture)
    {
        if (Parts is [{ Kind: TemplatePartKind.Literal } only]) return only.Text;
        int length = 0;
        foreach (TemplatePart part in Parts) length += TextOf(part, capture).Length;
        return string.Create(length, (Parts, capture), static (rest, state) =>
        {
            foreach (TemplatePart part in state.Parts)
            {
                string text = TextOf(part, state.capture);
                text.CopyTo(rest);
                rest = rest[text.Length..];
            }
        });
    }

    public override string ToString() => Text;

    private static void AddLiteral(ReadOnlySpan<char> literal, ImmutableArray<TemplatePart>.Builder parts)
    {
        if (!literal.IsEmpty) parts.Add(new TemplatePart(TemplatePartKind.Literal, literal.ToString()));
    }

    private static string TextOf(TemplatePart part, string capture) =>
        part.Kind == TemplatePartKind.Literal ? part.Text : capture;

    private static TemplatePart? ParseVariable(
        string text, int start, ReadOnlySpan<string> captures, out int end, ref Problem problem)
    {
        end = text.IndexOf('}', start);
        if (end < 0)
        {
            problem = new Problem("'{' has no closing '}'", "close it, or write '{{' for a brace");
            return null;
        }
        ReadOnlySpan<char> name = text.AsSpan((start + 1)..end);
        foreach (string capture in captures)
        {
            if (name.SequenceEqual(capture)) return new TemplatePart(TemplatePartKind.Capture, capture);
        }
        foreach (TemplatePart variable in s_variables)
        {
            if (name.SequenceEqual(variable.Text)) return variable;
        }
        IEnumerable<string> known = captures.ToArray().Concat(s_variables.Select(variable => variable.Text));
        problem = new Problem(
            $"unknown name {Reading.ScalarNode.Quote(name.ToString())} in braces",
            $"known names are: {string.Join(", ", known)}; write '{{{{' for a brace");
        return null;
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// A route's path: <c>/users/{id}</c>, <c>/assets/{path+}</c>. A parameter is a whole segment. Literals are in the
/// canonical form the gateway gives every request's path before it looks for a route; other spellings are refused,
/// because they could never match. Immutable; any thread.
/// </summary>
public sealed class PathTemplate
{
    // RFC 3986, 3.3: pchar without '%' (checked apart) and without ';', which servers read as the end of a segment.
    private const string LiteralPunctuation = "-._~!$&'()*+,=:@";

    private static readonly SearchValues<char> s_parameterName =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly Problem s_none = new("", "");

    private PathTemplate(string text, ImmutableArray<PathSegment> segments, ImmutableArray<string> captures)
    {
        Text = text;
        Segments = segments;
        Captures = captures;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>None for <c>/</c>; an empty last segment of a trailing slash is not one.</summary>
    public ImmutableArray<PathSegment> Segments { get; }

    /// <summary>Whether the text ends in a slash; false for <c>/</c> alone.</summary>
    public bool TrailingSlash => Text.Length > 1 && Text[^1] == '/';

    /// <summary>Names of the parameters, in order.</summary>
    public ImmutableArray<string> Captures { get; }

    /// <summary>Equal for templates that match the same paths: parameter names do not count.</summary>
    internal void AppendShape(StringBuilder shape)
    {
        foreach (PathSegment segment in Segments)
        {
            shape.Append('/').Append(segment.Kind switch
            {
                PathSegmentKind.Parameter => "{}",
                PathSegmentKind.Greedy => "{+}",
                _ => segment.Text,
            });
        }
        if (TrailingSlash) shape.Append('/');
    }

    public static PathTemplate Parse(string text) =>
        TryParse(text, out Problem problem) ?? throw new FormatException($"{problem.Message}; {problem.Fix}");

    /// <summary>Null, and what is wrong, when the text is not a path template.</summary>
    public static PathTemplate? TryParse(string text, out Problem problem) => TryParse(text, texts: null, out problem);

    /// <summary>The same; short texts are taken from <paramref name="texts"/>.</summary>
    internal static PathTemplate? TryParse(string text, TextPool? texts, out Problem problem)
    {
        problem = s_none;
        if (!text.StartsWith('/'))
        {
            problem = new Problem("a path starts with '/'", "add the '/'");
            return null;
        }
        if (text.Length > Limits.PathLength)
        {
            problem = new Problem($"is longer than {Limits.PathLength} characters", "write a shorter path");
            return null;
        }
        int count = text.Length == 1 ? 0 : text.AsSpan().Count('/');
        if (count > 1 && text[^1] == '/') count--;
        if (count > Limits.PathSegments)
        {
            problem = new Problem($"has more than {Limits.PathSegments} segments", "write a shorter path");
            return null;
        }
        var segments = ImmutableArray.CreateBuilder<PathSegment>(count);
        int start = 1;
        while (segments.Count < count)
        {
            int end = text.IndexOf('/', start);
            ReadOnlySpan<char> part = end < 0 ? text.AsSpan(start) : text.AsSpan(start..end);
            start = end + 1;
            if (ParseSegment(part, texts, out problem) is not { } segment) return null;
            if (CheckSegment(segment, segments, isLast: end < 0) is { } misplaced)
            {
                problem = misplaced;
                return null;
            }
            segments.Add(segment);
        }
        ImmutableArray<string> captures = CapturesOf(segments, texts);
        var template = new PathTemplate(text, segments.DrainToImmutable(), captures);
        if (template.Captures.Length > Limits.PathParameters)
        {
            problem = new Problem(
                $"has more than {Limits.PathParameters} parameters", "end the path with one {name+} for the rest");
            return null;
        }
        return template;
    }

    /// <summary>Names in braces of a text that is not a path template, for checking the rest of its route.</summary>
    internal static ImmutableArray<string> GuessCaptures(string text) =>
    [
        .. text.Split('{').Skip(1).Select(part => part.Split('}')[0].TrimEnd('+'))
            .Where(static name => IsParameterName(name)),
    ];

    public override string ToString() => Text;

    private static PathSegment? ParseSegment(ReadOnlySpan<char> part, TextPool? texts, out Problem problem)
    {
        problem = s_none;
        if (part is ['{', .., '}'])
        {
            bool isGreedy = part.EndsWith("+}");
            ReadOnlySpan<char> name = part[1..(isGreedy ? ^2 : ^1)];
            if (IsParameterName(name))
            {
                var kind = isGreedy ? PathSegmentKind.Greedy : PathSegmentKind.Parameter;
                return new PathSegment(kind, texts?.Of(name) ?? name.ToString());
            }
            problem = new Problem(
                $"'{ScalarNode.Quote(part.ToString())[1..^1]}' is not a parameter",
                "write {name} with letters, digits, '-' and '_', or {name+} as the last segment");
            return null;
        }
        string literal = texts?.Of(part) ?? part.ToString();
        if (LiteralProblem(literal) is not { } found) return new PathSegment(PathSegmentKind.Literal, literal);
        problem = found;
        return null;
    }

    private static ImmutableArray<string> CapturesOf(ImmutableArray<PathSegment>.Builder segments, TextPool? texts)
    {
        int count = 0;
        for (int i = 0; i < segments.Count; i++) count += segments[i].Kind == PathSegmentKind.Literal ? 0 : 1;
        if (count == 0) return [];
        var captures = new string[count];
        for (int i = segments.Count - 1; i >= 0; i--)
        {
            if (segments[i].Kind != PathSegmentKind.Literal) captures[--count] = segments[i].Text;
        }
        return texts?.ListOf(captures) ?? [.. captures];
    }

    private static Problem? CheckSegment(
        PathSegment segment, ImmutableArray<PathSegment>.Builder before, bool isLast)
    {
        if (segment.Kind == PathSegmentKind.Literal) return null;
        for (int i = 0; i < before.Count; i++)
        {
            if (before[i].Kind != PathSegmentKind.Literal && before[i].Text == segment.Text)
            {
                return new Problem(
                    $"the parameter '{segment.Text}' is there twice", "give each parameter its own name");
            }
        }
        if (segment.Kind == PathSegmentKind.Greedy && !isLast)
            return new Problem($"'{{{segment.Text}+}}' is not the last segment", "end the path with it");
        return null;
    }

    private static Problem? LiteralProblem(string part)
    {
        if (part.Length == 0) return new Problem("has an empty segment ('//')", "write one '/'");
        if (part is "." or "..") return new Problem($"has a dot segment ('{part}')", "write the path it leads to");
        if (part is "*" or "**")
            return new Problem($"'{part}' is no wildcard here", "write {name}, or {name+} as the last segment");
        for (int i = 0; i < part.Length; i++)
        {
            char c = part[i];
            if (c == '%')
            {
                if (EscapeProblem(part.AsSpan(i)) is { } problem) return problem;
                i += 2;
            }
            else if (c is '{' or '}')
            {
                return new Problem("a parameter is a whole segment", "write it between two '/', as in /users/{id}");
            }
            else if (c is '?' or '#')
            {
                return new Problem($"a path has no '{c}'", "write query conditions under match.query");
            }
            else if (c == ';')
            {
                return new Problem("a path has no ';'", "leave it out: routes match without path parameters");
            }
            else if (!char.IsAsciiLetterOrDigit(c) && !LiteralPunctuation.Contains(c))
            {
                return new Problem(
                    $"the character {ScalarNode.Quote(c.ToString())} is not allowed in a path",
                    $"write {Uri.EscapeDataString(part[i..(i + (char.IsSurrogatePair(part, i) ? 2 : 1))])}");
            }
        }
        return null;
    }

    private static Problem? EscapeProblem(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
            return new Problem("'%' is not followed by two hexadecimal digits", "write %25 for a percent sign");
        string escape = text[..3].ToString();
        int code = Convert.ToInt32(escape[1..], 16);
        if (code is < ' ' or 0x7f or '/' or '\\' or ';')
        {
            return new Problem(
                $"'{escape}' is not allowed in a literal",
                code == '/' ? "match it with a {parameter} and encodedSlash: keep" : "remove it");
        }
        bool isUnreserved = code < 0x80 && (char.IsAsciiLetterOrDigit((char)code) || "-._~".Contains((char)code));
        if (isUnreserved) return new Problem($"'{escape}' is not canonical", $"write '{(char)code}'");
        return escape == escape.ToUpperInvariant()
            ? null
            : new Problem($"'{escape}' is not canonical", $"write '{escape.ToUpperInvariant()}'");
    }

    private static bool IsParameterName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= Limits.ParameterNameLength
        && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && !name.ContainsAnyExcept(s_parameterName);
}

namespace DataPlane.Tests.Architecture;

/// <summary>
/// C# text with comments and literals blanked out, so that braces and names in them do not count. A scan by hand,
/// because the tests carry no compiler: it knows strings (verbatim, raw, interpolated), characters and both kinds of
/// comment. Positions and lines stay where they were.
/// </summary>
internal sealed class SourceText
{
    private readonly string _text;
    private readonly char[] _code;
    private readonly char[] _comments;

    public SourceText(string text)
    {
        _text = text;
        _code = text.ToCharArray();
        _comments = [.. text.Select(one => one is '\n' ? '\n' : ' ')];
        var at = 0;
        while (at < text.Length)
            at = Step(at);
    }

    /// <summary>The text without comments and without what literals hold.</summary>
    public string Code => new(_code);

    /// <summary>The comments alone.</summary>
    public string Comments => new(_comments);

    public static int LineOf(string text, int position) => text.AsSpan(0, position).Count('\n') + 1;

    private int Step(int at)
    {
        if (Starts(at, "//"))
            return Blank(at, EndOf("\n", at), isComment: true);
        if (Starts(at, "/*"))
            return Blank(at, EndOf("*/", at + 2) + 2, isComment: true);
        if (_text[at] == '\'')
            return Blank(at, EndOfEscaped('\'', at + 1), isComment: false);
        if (_text[at] is '"' or '$' or '@' && FindQuote(at) is { } quote)
            return Blank(at, EndOfString(at, quote), isComment: false);
        return at + 1;
    }

    /// <summary>Where the opening quote of a string that starts here stands, behind its $ and @.</summary>
    private int? FindQuote(int at)
    {
        while (at < _text.Length && _text[at] is '$' or '@')
            at++;
        return at < _text.Length && _text[at] == '"' ? at : null;
    }

    private int EndOfString(int start, int quote)
    {
        var isVerbatim = _text.AsSpan(start, quote - start).Contains('@');
        if (isVerbatim)
            return EndOfVerbatim(quote + 1);
        var quotes = 0;
        while (quote + quotes < _text.Length && _text[quote + quotes] == '"')
            quotes++;
        if (quotes >= 3)
            return EndOf(new string('"', quotes), quote + quotes) + quotes;
        if (quotes == 2)
            return quote + 2;
        var isInterpolated = _text.AsSpan(start, quote - start).Contains('$');
        return isInterpolated ? EndOfInterpolated(quote + 1) : EndOfEscaped('"', quote + 1);
    }

    private int EndOfEscaped(char terminator, int at)
    {
        while (at < _text.Length && _text[at] != terminator)
            at += _text[at] == '\\' ? 2 : 1;
        return at + 1;
    }

    private int EndOfVerbatim(int at)
    {
        while (at < _text.Length && (_text[at] != '"' || Starts(at, "\"\"")))
            at += _text[at] == '"' ? 2 : 1;
        return at + 1;
    }

    /// <summary>A hole may hold strings of its own, so quotes end the text only outside of holes.</summary>
    private int EndOfInterpolated(int at)
    {
        var depth = 0;
        while (at < _text.Length)
        {
            if (depth == 0 && _text[at] == '"')
                return at + 1;
            if (depth == 0 && _text[at] == '\\')
                at += 2;
            else if (Starts(at, "{{") && depth == 0)
                at += 2;
            else if (depth > 0 && _text[at] == '\'')
                at = EndOfEscaped('\'', at + 1);
            else if (depth > 0 && _text[at] is '"' or '$' or '@' && FindQuote(at) is { } quote)
                at = EndOfString(at, quote);
            else
            {
                depth += _text[at] == '{' ? 1 : 0;
                depth -= _text[at] == '}' && depth > 0 ? 1 : 0;
                at++;
            }
        }

        return at;
    }

    private bool Starts(int at, string token) => string.CompareOrdinal(_text, at, token, 0, token.Length) == 0;

    private int EndOf(string token, int at)
    {
        var found = at < _text.Length ? _text.IndexOf(token, at, StringComparison.Ordinal) : -1;
        return found < 0 ? _text.Length : found;
    }

    private int Blank(int start, int end, bool isComment)
    {
        end = Math.Min(end, _text.Length);
        for (var at = start; at < end; at++)
        {
            if (_text[at] == '\n')
                continue;
            _code[at] = ' ';
            if (isComment)
                _comments[at] = _text[at];
        }

        return end;
    }
}

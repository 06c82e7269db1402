using System.Buffers;
using System.Globalization;
using System.Text;

namespace DataPlane.Config.Reading;

/// <summary>
/// The place in the text where <see cref="SimpleYamlReader"/> is, and what can stand there. Lines end in LF; tabs are
/// nowhere. Throws <see cref="NotSimpleYamlException"/> for everything it leaves to the complete reader.
/// </summary>
internal sealed class SimpleYamlText
{
    /// <summary>The most a key may have, after which YAML does not look for its colon.</summary>
    private const int MostKeyCharacters = 1000;

    private const string Indicators = "?:,[]{}#&*!|>%@`";

    private static readonly SearchValues<char> s_blockStops = SearchValues.Create("\n:#");
    private static readonly SearchValues<char> s_flowStops = SearchValues.Create("\n:#,[]{}?");
    private static readonly SearchValues<char> s_quotedStops = SearchValues.Create("\n\"\\");
    private static readonly SearchValues<char> s_bracketStops = SearchValues.Create("\n\"'#[]{}");

    private readonly SimpleYamlSource _source;
    private readonly string _text;
    private readonly int _end;
    private int _at;
    private int _line;
    private int _lineStart;

    public SimpleYamlText(SimpleYamlSource source, TextExtent extent)
    {
        _source = source;
        _text = source.Text;
        (_at, _end, _lineStart, _line) = (extent.Start, extent.End, extent.LineStart, extent.Line);
    }

    public bool IsAtEnd => _at >= _end;

    /// <summary>From 0.</summary>
    public int Column => _at - _lineStart;

    public SourceMark Mark => new(_source.File, _line, Column + 1);

    /// <summary>A zero character, which no text holds, at the end.</summary>
    public char Current => CharAt(_at);

    /// <summary>Of a list in a block.</summary>
    public bool IsAtDash => Current == '-' && CharAt(_at + 1) is ' ' or '\n' or '\0';

    /// <summary>Of a key: one inside a word, as in a URL, is none.</summary>
    public bool IsAtColon => Current == ':' && CharAt(_at + 1) is ' ' or '\n' or '\0';

    /// <summary>Nothing but a comment is left of the line; spaces are skipped already.</summary>
    public bool IsAtLineEnd => IsAtEnd || Current == '\n' || (Current == '#' && _text[_at - 1] == ' ');

    public void Skip(int count) => _at += count;

    public void SkipSpaces()
    {
        while (Current == ' ') _at++;
    }

    /// <summary>Expects nothing more on this line, and goes to the next one that says something.</summary>
    public void EndLine()
    {
        SkipSpaces();
        if (!IsAtLineEnd) throw new NotSimpleYamlException();
        SkipLine();
        SkipToContent();
    }

    /// <summary>From the start of a line to the first content.</summary>
    public void SkipToContent()
    {
        while (!IsAtEnd)
        {
            SkipSpaces();
            if (Current is not ('\n' or '#'))
            {
                // Directives and the marks between documents.
                if (Column == 0 && (Current == '%' || StartsWith("---") || StartsWith("...")))
                    throw new NotSimpleYamlException();
                return;
            }
            SkipLine();
        }
    }

    /// <summary>To the next content inside brackets, which has to be indented like everything else.</summary>
    public void SkipFlowSpace(int outer)
    {
        int line = _line;
        while (true)
        {
            SkipSpaces();
            if (IsAtEnd) throw new NotSimpleYamlException();
            if (!IsAtLineEnd) break;
            SkipLine();
        }
        bool isMisplaced = _line != line && (Column <= outer || (Column == 0 && Current is '-' or '.' or '%'));
        if (isMisplaced) throw new NotSimpleYamlException();
    }

    /// <summary>A key or a value, in quotes or not, to the end of its line at most.</summary>
    public ScalarText ReadScalar(bool isFlow)
    {
        SourceMark mark = Mark;
        int start = _at;
        ScalarText scalar = Current switch
        {
            '"' => new ScalarText(mark, ReadDoubleQuoted(), IsPlain: false),
            '\'' => new ScalarText(mark, ReadSingleQuoted(), IsPlain: false),
            _ => new ScalarText(mark, ReadPlain(isFlow), IsPlain: true),
        };
        return Current == ':' && _at - start > MostKeyCharacters ? throw new NotSimpleYamlException() : scalar;
    }

    /// <summary>
    /// The lines indented by more than <paramref name="column"/>, from here; goes to the content behind them.
    /// </summary>
    public TextExtent BlockExtent(int column)
    {
        var (start, lineStart, line) = (_at, _lineStart, _line);
        int end;
        do
        {
            int next = _text.IndexOf('\n', _at, _end - _at);
            end = next < 0 ? _end : next;
            _at = end;
            SkipLine();
            SkipToContent();
        }
        while (!IsAtEnd && Column > column);
        return new TextExtent(start, end, lineStart, line, column, IsFlow: false);
    }

    /// <summary>From the bracket here to the one that closes it; goes behind it.</summary>
    public TextExtent FlowExtent(int outer)
    {
        var (start, lineStart, line) = (_at, _lineStart, _line);
        int depth = 0;
        do
        {
            int found = _text.AsSpan(_at.._end).IndexOfAny(s_bracketStops);
            if (found < 0) throw new NotSimpleYamlException();
            _at += found;
            switch (Current)
            {
                case '\n':
                    SkipLine();
                    continue;
                case '#' when _text[_at - 1] is ' ' or '\n':
                    SkipLine();
                    continue;
                case '"':
                    ReadDoubleQuoted();
                    continue;
                case '\'' when _text.AsSpan(0, _at).TrimEnd(" \n") is [.., ',' or ':' or '[' or '{']:
                    ReadSingleQuoted();
                    continue;
                case '[' or '{':
                    depth++;
                    break;
                case ']' or '}':
                    depth--;
                    break;
            }
            _at++;
        }
        while (depth > 0);
        return new TextExtent(start, _at, lineStart, line, outer, IsFlow: true);
    }

    private string ReadPlain(bool isFlow)
    {
        bool isDash = Current == '-' && CharAt(_at + 1) is ' ' or '\n' or '\0' or ',' or '[' or ']' or '{' or '}';
        if (IsAtEnd || isDash || Indicators.Contains(Current)) throw new NotSimpleYamlException();
        int start = _at;
        for (SearchValues<char> stops = isFlow ? s_flowStops : s_blockStops; ; _at++)
        {
            int found = _text.AsSpan(_at.._end).IndexOfAny(stops);
            _at = found < 0 ? _end : _at + found;
            if (IsAtEnd || Current == '\n' || IsAtColon || (Current == '#' && _text[_at - 1] == ' ')) break;
            if (Current is ':' or '#')
            {
                if (isFlow && CharAt(_at + 1) is ',' or '[' or ']' or '{' or '}') throw new NotSimpleYamlException();
                continue;
            }
            if (Current is '[' or '{' or '?') throw new NotSimpleYamlException();
            break;
        }
        int end = _at;
        while (_text[end - 1] == ' ') end--;
        return _source.Texts.Of(_text.AsSpan(start..end));
    }

    private string ReadSingleQuoted()
    {
        int start = ++_at;
        bool hasQuotes = false;
        while (true)
        {
            int found = _text.AsSpan(_at.._end).IndexOfAny('\'', '\n');
            if (found < 0 || _text[_at + found] == '\n') throw new NotSimpleYamlException();
            _at += found + 1;
            if (Current != '\'') break;
            hasQuotes = true;
            _at++;
        }
        ReadOnlySpan<char> content = _text.AsSpan(start..(_at - 1));
        return hasQuotes
            ? content.ToString().Replace("''", "'", StringComparison.Ordinal)
            : _source.Texts.Of(content);
    }

    private string ReadDoubleQuoted()
    {
        int start = ++_at;
        StringBuilder? unescaped = null;
        while (true)
        {
            int found = _text.AsSpan(_at.._end).IndexOfAny(s_quotedStops);
            if (found < 0 || _text[_at + found] == '\n') throw new NotSimpleYamlException();
            unescaped?.Append(_text, _at, found);
            _at += found;
            if (Current == '"') break;
            unescaped ??= new StringBuilder().Append(_text, start, _at - start);
            unescaped.Append(ReadEscape());
        }
        int end = _at++;
        return _source.Texts.Of(unescaped is null ? _text.AsSpan(start..end) : unescaped.ToString());
    }

    /// <summary>Those of JSON.</summary>
    private char ReadEscape()
    {
        char kind = CharAt(_at + 1);
        _at += 2;
        switch (kind)
        {
            case '"' or '\\' or '/':
                return kind;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _at + 4 <= _end && ushort.TryParse(
                _text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code)
                && !char.IsSurrogate((char)code):
                _at += 4;
                return (char)code;
            default:
                throw new NotSimpleYamlException();
        }
    }

    /// <summary>Behind the end of this line.</summary>
    private void SkipLine()
    {
        int next = _text.IndexOf('\n', _at, _end - _at);
        if (next < 0)
        {
            _at = _end;
            return;
        }
        _at = _lineStart = next + 1;
        _line++;
    }

    private bool StartsWith(string mark) => _text.AsSpan(_at.._end).StartsWith(mark);

    private char CharAt(int index) => index < _end ? _text[index] : '\0';
}

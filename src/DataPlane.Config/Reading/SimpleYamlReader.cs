using System.Buffers;

namespace DataPlane.Config.Reading;

/// <summary>
/// Reads the YAML that people write, and JSON, to the nodes <see cref="YamlTreeReader"/> would make of it, places
/// included: mappings and lists in blocks and brackets, with plain and quoted scalars on one line. Gives up on the
/// rest, on every error and on what is only odd, so that one reader alone judges what is wrong. It is there for its
/// price: the general parser takes half of the time and of the bytes of loading 10,000 routes, which every connection
/// feels (perf/records/2026-11-22-reload-2.md). Used once, by one thread.
/// </summary>
internal sealed class SimpleYamlReader
{
    /// <summary>Deeper text is for the reader that reports it.</summary>
    private const int MostDepth = Limits.Depth - 4;

    /// <summary>Of a key without quotes; the scanner's rules for what else may stand there are long.</summary>
    private static readonly SearchValues<char> s_keys =
        SearchValues.Create(" -./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private readonly SimpleYamlSource _source;
    private readonly SimpleYamlText _text;
    private readonly TextExtent _extent;
    private int _depth;
    private int _nodes;

    public SimpleYamlReader(SimpleYamlSource source)
        : this(source, new TextExtent(0, source.Text.Length, 0, 1, -1, IsFlow: false))
    {
    }

    public SimpleYamlReader(SimpleYamlSource source, TextExtent extent)
    {
        _source = source;
        _extent = extent;
        _text = new SimpleYamlText(source, extent);
    }

    /// <summary>
    /// The whole file, the entries of its list <paramref name="deferred"/> not read yet; null when this reader gives
    /// up.
    /// </summary>
    public static ConfigNode? TryRead(SimpleYamlSource source, string deferred)
    {
        // Tabs, and line ends of other systems, have rules of their own; a surrogate is one character or two.
        ReadOnlySpan<char> text = source.Text;
        if (text.IndexOfAny('\t', '\r') >= 0 || text.IndexOfAnyInRange('\ud800', '\udfff') >= 0) return null;
        try
        {
            return new SimpleYamlReader(source).ReadFile(deferred);
        }
        catch (NotSimpleYamlException)
        {
            return null;
        }
    }

    /// <summary>The entry the reader was made for.</summary>
    public ConfigNode ReadEntry()
    {
        ConfigNode node = _extent.IsFlow ? ReadFlowNode(_extent.Outer, deferred: null) : ReadBlock(_extent.Outer, null);
        if (_extent.IsFlow) _text.EndLine();
        return _text.IsAtEnd ? node : throw new NotSimpleYamlException();
    }

    private ConfigNode ReadFile(string deferred)
    {
        _text.SkipToContent();
        if (_text.IsAtEnd) throw new NotSimpleYamlException();
        ConfigNode root = ReadBlock(outer: -1, deferred);
        return _text.IsAtEnd && root is MappingNode ? root : throw new NotSimpleYamlException();
    }

    /// <summary>
    /// What begins here and is indented by more than <paramref name="outer"/>; ends at the content behind it.
    /// </summary>
    private ConfigNode ReadBlock(int outer, string? deferred)
    {
        if (_text.IsAtDash) return ReadBlockList(_text.Column, isDeferred: false);
        if (_text.Current is '[' or '{') return EndInline(ReadFlowNode(outer, deferred), outer);
        int column = _text.Column;
        ScalarText first = _text.ReadScalar(isFlow: false);
        return _text.IsAtColon ? ReadBlockMapping(first, column, deferred) : EndInline(ValueOf(first), outer);
    }

    private MappingNode ReadBlockMapping(ScalarText key, int column, string? deferred)
    {
        Enter();
        var mapping = new MappingNode(key.Mark);
        while (true)
        {
            if (!_text.IsAtColon) throw new NotSimpleYamlException();
            _text.Skip(1);
            ConfigNode value = ReadBlockValue(column, isDeferred: deferred is not null && key.Text == deferred);
            Add(mapping, key, value);
            if (_text.IsAtEnd || _text.Column < column) break;
            if (_text.Column > column || _text.IsAtDash) throw new NotSimpleYamlException();
            key = _text.ReadScalar(isFlow: false);
        }
        _depth--;
        return mapping;
    }

    private ConfigNode ReadBlockValue(int column, bool isDeferred)
    {
        SourceMark behind = _text.Mark;
        _text.SkipSpaces();
        if (!_text.IsAtLineEnd)
        {
            if (_text.IsAtDash) throw new NotSimpleYamlException();
            return EndInline(ReadInline(column, isDeferred), column);
        }
        _text.EndLine();
        if (!_text.IsAtEnd && _text.Column > column)
            return isDeferred && _text.IsAtDash ? ReadBlockList(_text.Column, isDeferred) : ReadBlock(column, null);
        if (!_text.IsAtEnd && _text.Column == column && _text.IsAtDash) return ReadBlockList(column, isDeferred);
        return Counted(new ScalarNode(behind, "", isPlain: true));
    }

    private SequenceNode ReadBlockList(int column, bool isDeferred)
    {
        Enter();
        var list = new SequenceNode(_text.Mark);
        do
        {
            _text.Skip(1);
            SourceMark behind = _text.Mark;
            _text.SkipSpaces();
            if (_text.IsAtLineEnd)
            {
                _text.EndLine();
                list.Add(!_text.IsAtEnd && _text.Column > column
                    ? ReadBlock(column, null)
                    : Counted(new ScalarNode(behind, "", isPlain: true)));
            }
            else
            {
                list.Add(isDeferred ? ReadLater(_text.BlockExtent(column)) : ReadBlock(column, null));
            }
            if (!_text.IsAtEnd && _text.Column > column) throw new NotSimpleYamlException();
        }
        while (!_text.IsAtEnd && _text.Column == column && _text.IsAtDash);
        _depth--;
        return list;
    }

    /// <summary>On the line of its key.</summary>
    private ConfigNode ReadInline(int outer, bool isDeferred)
    {
        if (_text.Current == '[') return ReadFlowList(outer, isDeferred);
        return _text.Current == '{' ? ReadFlowMapping(outer, null) : ValueOf(_text.ReadScalar(isFlow: false));
    }

    private ConfigNode EndInline(ConfigNode node, int outer)
    {
        _text.EndLine();
        // A deeper line would continue a plain scalar.
        return _text.IsAtEnd || _text.Column <= outer ? node : throw new NotSimpleYamlException();
    }

    private ConfigNode ReadFlowNode(int outer, string? deferred) => _text.Current switch
    {
        '{' => ReadFlowMapping(outer, deferred),
        '[' => ReadFlowList(outer, isDeferred: false),
        _ => ValueOf(_text.ReadScalar(isFlow: true)),
    };

    private MappingNode ReadFlowMapping(int outer, string? deferred)
    {
        Enter();
        var mapping = new MappingNode(_text.Mark);
        _text.Skip(1);
        for (_text.SkipFlowSpace(outer); _text.Current != '}';)
        {
            ScalarText key = _text.ReadScalar(isFlow: true);
            _text.SkipSpaces();
            if (_text.Current != ':' || (key.IsPlain && !_text.IsAtColon)) throw new NotSimpleYamlException();
            _text.Skip(1);
            _text.SkipFlowSpace(outer);
            bool isDeferred = deferred is not null && key.Text == deferred && _text.Current == '[';
            Add(mapping, key, isDeferred ? ReadFlowList(outer, isDeferred) : ReadFlowNode(outer, null));
            SkipComma('}', outer);
        }
        _text.Skip(1);
        _depth--;
        return mapping;
    }

    private SequenceNode ReadFlowList(int outer, bool isDeferred)
    {
        Enter();
        var list = new SequenceNode(_text.Mark);
        _text.Skip(1);
        for (_text.SkipFlowSpace(outer); _text.Current != ']';)
        {
            bool isLater = isDeferred && _text.Current == '{';
            list.Add(isLater ? ReadLater(_text.FlowExtent(outer)) : ReadFlowNode(outer, null));
            SkipComma(']', outer);
        }
        _text.Skip(1);
        _depth--;
        return list;
    }

    private void SkipComma(char end, int outer)
    {
        _text.SkipFlowSpace(outer);
        if (_text.Current == end) return;
        if (_text.Current != ',') throw new NotSimpleYamlException();
        _text.Skip(1);
        _text.SkipFlowSpace(outer);
    }

    /// <summary>A variable or a secret is read now, and once.</summary>
    private ConfigNode ReadLater(TextExtent extent)
    {
        var mark = new SourceMark(_source.File, extent.Line, extent.Start - extent.LineStart + 1);
        return Substitution.IsNeeded(_source.Text.AsSpan(extent.Start..extent.End))
            ? new SimpleYamlReader(_source, extent).ReadEntry()
            : new DeferredNode(_source, mark, extent);
    }

    private ScalarNode ValueOf(ScalarText scalar) => Counted(Substitution.IsNeeded(scalar.Text)
        ? _source.Substitute(scalar.Mark, scalar.Text, scalar.IsPlain) ?? throw new NotSimpleYamlException()
        : new ScalarNode(scalar.Mark, scalar.Text, scalar.IsPlain));

    private static void Add(MappingNode mapping, ScalarText key, ConfigNode value)
    {
        bool isOdd = key.IsPlain && key.Text.AsSpan().ContainsAnyExcept(s_keys);
        if (isOdd || !mapping.TryAdd(new ScalarNode(key.Mark, key.Text, key.IsPlain), value))
            throw new NotSimpleYamlException();
    }

    private void Enter()
    {
        _nodes++;
        if (++_depth > MostDepth) throw new NotSimpleYamlException();
    }

    private ScalarNode Counted(ScalarNode node) =>
        ++_nodes <= Limits.Nodes / 2 ? node : throw new NotSimpleYamlException();
}

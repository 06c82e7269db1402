using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DataPlane.Config.Reading;

/// <summary>
/// YAML text (and JSON, which is YAML) to a tree of nodes. Takes the plain part of YAML: no anchors, aliases, tags or
/// second document, no key twice, bounded depth and size. Whatever the text, the caller gets errors, not exceptions.
/// </summary>
internal sealed class YamlTreeReader(string file, Substitution substitution, ConfigErrors errors)
{
    private readonly Stack<OpenCollection> _open = new();
    private readonly TextPool _texts = new();
    private ConfigNode? _root;
    private SourceMark _last = new(file, 1, 1);
    private int _nodes;
    private int _documents;

    /// <summary>Null when the text is empty or its syntax is broken; other errors leave a tree to go on with.</summary>
    public ConfigNode? Read(string text, out bool isBroken)
    {
        isBroken = false;
        try
        {
            var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
            while (!isBroken && parser.MoveNext())
            {
                ParsingEvent current = parser.Current!;
                _last = MarkOf(current.Start);
                isBroken = !Take(current);
            }
        }
        catch (YamlException failure)
        {
            isBroken = true;
            SourceMark mark = failure.Message.Contains("tab as indentation", StringComparison.Ordinal)
                ? FirstIndentingTab(text)
                : MarkOf(failure.Start);
            errors.Add(mark, "", SyntaxMessage(failure.Message), SyntaxFix(failure.Message));
        }
        catch (InvalidOperationException)
        {
            // How the scanner says that the text ended inside brackets.
            isBroken = true;
            AddUnclosedBracket();
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException
            or IndexOutOfRangeException or NullReferenceException)
        {
            // Escapes beyond Unicode such as "\UFFFFFFFF", and what else the scanner does not expect of a text.
            isBroken = true;
            AddUnplacedSyntaxError();
        }
        return isBroken ? null : _root;
    }

    private bool Take(ParsingEvent current)
    {
        switch (current)
        {
            case DocumentStart when ++_documents > 1:
                errors.Add(_last, "", "a second YAML document starts here", "keep one document in a file");
                return false;
            case MappingStart start:
                CheckProperties(start);
                return Open(new MappingNode(_last), start.Style == MappingStyle.Flow);
            case SequenceStart start:
                CheckProperties(start);
                return Open(new SequenceNode(_last), start.Style == SequenceStyle.Flow);
            case MappingEnd or SequenceEnd:
                _open.Pop();
                return true;
            case Scalar scalar:
                CheckProperties(scalar);
                return Place(ReadScalar(scalar));
            case AnchorAlias:
                errors.Add(_last, CurrentPath(), "aliases (*name) are not allowed", "write the value out");
                return Place(new ScalarNode(_last, "", isPlain: false) { IsUnresolved = true });
            default:
                return true;
        }
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        bool isPlain = scalar.Style == ScalarStyle.Plain;
        bool isKey = _open.TryPeek(out OpenCollection? parent) && parent.Node is MappingNode && parent.Key is null;
        string text = _texts.Of(scalar.Value);
        return isKey || !Substitution.IsNeeded(text)
            ? new ScalarNode(_last, text, isPlain)
            : substitution.Apply(_last, text, isPlain, CurrentPath, errors);
    }

    private void CheckProperties(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            errors.Add(_last, CurrentPath(), "anchors (&name) are not allowed", "write the value out where it is used");
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            errors.Add(_last, CurrentPath(), "tags (!name) are not allowed", "remove the tag, and quote a text");
    }

    private bool Open(ConfigNode node, bool isFlow)
    {
        // Taken before the node has its place: afterwards its parent waits for the next key.
        (string? key, int index) = _open.TryPeek(out OpenCollection? parent) ? parent.Next : (null, -1);
        if (!Place(node)) return false;
        if (_open.Count >= Limits.Depth)
        {
            errors.Add(_last, "", $"more than {Limits.Depth} collections inside each other", "nest less");
            return false;
        }
        _open.Push(new OpenCollection(node, isFlow, key, index));
        return true;
    }

    private bool Place(ConfigNode node)
    {
        if (++_nodes > Limits.Nodes)
        {
            errors.Add(_last, "", $"more than {Limits.Nodes} values", "write a smaller file");
            return false;
        }
        if (!_open.TryPeek(out OpenCollection? parent)) _root ??= node;
        else if (parent.Node is SequenceNode list) list.Add(node);
        else if (parent.Key is null) parent.Key = AsKey(node);
        else
        {
            AddEntry((MappingNode)parent.Node, parent.Key, node);
            parent.Key = null;
        }
        return true;
    }

    private ScalarNode AsKey(ConfigNode node)
    {
        if (node is ScalarNode key)
        {
            if (key is not { IsPlain: true, Value: "<<" }) return key;
            errors.Add(key, CurrentPath(), "merge keys (<<) are not allowed", "write the keys out");
            return new ScalarNode(key.Mark, key.Value, isPlain: true) { IsUnresolved = true };
        }
        errors.Add(node, CurrentPath(), $"a key is {node.Description}", "write a name before the ':'");
        return new ScalarNode(node.Mark, "", isPlain: false) { IsUnresolved = true };
    }

    private void AddEntry(MappingNode mapping, ScalarNode key, ConfigNode value)
    {
        if (mapping.TryAdd(key, value) || errors.IsFull) return;
        int first = mapping.Find(key.Value)!.Value.Key.Mark.Line;
        errors.Add(
            key, ParentPath().Key(key.Value), $"the key is already on line {first}", "keep one of the two");
    }

    /// <summary>The place of the value being read.</summary>
    private NodePath CurrentPath() =>
        _open.TryPeek(out OpenCollection? parent) ? parent.Step(ParentPath()) : "";

    /// <summary>The place of the innermost open collection; built only when an error needs it.</summary>
    private NodePath ParentPath() =>
        _open.Reverse().Aggregate(NodePath.FromString(""), (path, open) => open.Place(path));

    private SourceMark MarkOf(Mark mark) => new(file, Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    // The scanner places this error at the start of the mapping that the tab is in.
    private SourceMark FirstIndentingTab(string text)
    {
        int line = 1;
        foreach (ReadOnlySpan<char> content in text.AsSpan().EnumerateLines())
        {
            int column = content.IndexOfAnyExcept(' ') + 1;
            bool isTab = column > 0 && content[column - 1] == '\t';
            if (isTab && line > _last.Line) return new SourceMark(file, line, column);
            line++;
        }
        return _last;
    }

    private void AddUnplacedSyntaxError() =>
        errors.Add(_last, "", "the YAML after this cannot be read", "check quotes, brackets and escapes");

    private void AddUnclosedBracket()
    {
        OpenCollection? flow = _open.FirstOrDefault(open => open.IsFlow);
        if (flow is null)
        {
            AddUnplacedSyntaxError();
            return;
        }
        string bracket = flow.Node is SequenceNode ? "[" : "{";
        string close = flow.Node is SequenceNode ? "]" : "}";
        errors.Add(flow.Node, "", $"the '{bracket}' is not closed", $"add the missing '{close}' or ','");
    }

    private static string SyntaxMessage(string text)
    {
        string message = text.TrimEnd('.').Replace("  ", " ", StringComparison.Ordinal);
        return $"the YAML cannot be read: {char.ToLowerInvariant(message[0])}{message[1..]}";
    }

    private static string SyntaxFix(string text)
    {
        if (text.Contains("tab", StringComparison.Ordinal)) return "indent with spaces";
        if (text.Contains("flow", StringComparison.Ordinal))
            return "check brackets and commas, and quote a text that contains any of [ ] { } , :";
        if (text.Contains("quoted scalar", StringComparison.Ordinal)) return "check the quotes and escapes";
        return "check the indentation, and quote a text that contains ': ' or starts with any of [ { * & ! % @";
    }

    private sealed class OpenCollection(ConfigNode node, bool isFlow, string? placeKey, int placeIndex)
    {
        public ConfigNode Node { get; } = node;
        public bool IsFlow { get; } = isFlow;

        /// <summary>The key that waits for its value; null between entries.</summary>
        public ScalarNode? Key { get; set; }

        /// <summary>Where the next value goes: a key, or an index (a key's own place has neither: -1).</summary>
        public (string? Key, int Index) Next =>
            Node is SequenceNode list ? (null, list.Items.Count) : (Key?.Value, -1);

        public NodePath Place(NodePath parent) => Append(parent, placeKey, placeIndex);

        public NodePath Step(NodePath own) => Append(own, Next.Key, Next.Index);

        private static NodePath Append(NodePath path, string? key, int index)
        {
            if (key is not null) return path.Key(key);
            return index < 0 ? path : path.Item(index);
        }
    }
}

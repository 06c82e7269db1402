using System.Buffers;

namespace DataPlane.Config.Reading;

/// <summary>
/// The place of a value as operators read it: <c>upstreams.users.endpoints[0].url</c>. Every value has one and hardly
/// any is shown, so the text is put together when it is asked for. Immutable; 40 bytes.
/// </summary>
public sealed class NodePath
{
    private static readonly SearchValues<char> s_simple =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly NodePath? _parent;

    /// <summary>The key; the whole text without a parent; null for an item.</summary>
    private readonly string? _text;
    private readonly int _index;

    private NodePath(NodePath? parent, string? text, int index)
    {
        _parent = parent;
        _text = text;
        _index = index;
    }

    public static implicit operator NodePath(string text) => FromString(text);

    public static NodePath FromString(string text) => new(null, text, -1);

    public NodePath Key(string key) => new(this, key, -1);

    public NodePath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        if (_parent is null) return _text!;
        string parent = _parent.ToString();
        if (_text is null) return $"{parent}[{_index}]";
        bool isSimple = _text.Length > 0 && !_text.AsSpan().ContainsAnyExcept(s_simple);
        if (!isSimple) return $"{parent}[{ScalarNode.Quote(_text)}]";
        return parent.Length == 0 ? _text : $"{parent}.{_text}";
    }
}

namespace DataPlane.Config.Reading;

/// <summary>One value as written, with its place. Immutable once the loader has returned it; any thread.</summary>
public abstract class ConfigNode
{
    private protected ConfigNode(SourceMark mark) => Mark = mark;

    public SourceMark Mark { get; }

    /// <summary>The kind in an operator's words: <c>a text</c>, <c>a mapping</c>, <c>a list</c>.</summary>
    public abstract string Description { get; }
}

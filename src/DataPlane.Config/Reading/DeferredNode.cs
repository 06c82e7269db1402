namespace DataPlane.Config.Reading;

/// <summary>
/// An entry of a long list of which only the extent is known. It is read whenever somebody looks at it, and what was
/// read is not kept: the values of 10,000 routes, half a million objects, never live at the same time. Holds no
/// variable or secret file. Immutable; any thread; about 70 bytes.
/// </summary>
internal sealed class DeferredNode : ConfigNode
{
    private readonly SimpleYamlSource _source;
    private readonly TextExtent _extent;

    public DeferredNode(SimpleYamlSource source, SourceMark mark, TextExtent extent)
        : base(mark)
    {
        _source = source;
        _extent = extent;
    }

    public override string Description => Read().Description;

    /// <summary>Made of the whole text: take it once.</summary>
    public EntryKey ToKey() =>
        new(TextDigest.Of(_source.Text.AsSpan(_extent.Start.._extent.End)), Mark.Column);

    /// <summary>Throws <see cref="NotSimpleYamlException"/>, but never once it has not.</summary>
    public ConfigNode Read() => new SimpleYamlReader(_source, _extent).ReadEntry();
}

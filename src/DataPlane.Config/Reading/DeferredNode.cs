namespace DataPlane.Config.Reading;

/// <summary>
/// An entry of a long list of which only the extent is known. It is read whenever somebody looks at it, and what was
/// read is not kept: the values of 10,000 routes, half a million objects, never live at the same time. Holds no
/// variable or secret file. Immutable; any thread; about 80 bytes.
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
        Key = new EntryKey(TextDigest.Of(source.Text.AsSpan(extent.Start..extent.End)), mark.Column);
    }

    public EntryKey Key { get; }

    public override string Description => Read().Description;

    /// <summary>Throws <see cref="NotSimpleYamlException"/>, but never once it has not.</summary>
    public ConfigNode Read() => new SimpleYamlReader(_source, _extent).ReadEntry();
}

using DataPlane.Http.Http2;

namespace DataPlane.Tests.Http.Http2;

/// <summary>Remembers what a decoder finds.</summary>
internal sealed class GatheredFields : IFieldSink
{
    public List<(string Name, string Value)> Fields { get; } = [];

    public string Text => string.Join('|', Fields.Select(each => $"{each.Name}={each.Value}"));

    public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Fields.Add((Latin1.Text(name), Latin1.Text(value)));
}

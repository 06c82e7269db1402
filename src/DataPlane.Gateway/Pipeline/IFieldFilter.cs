using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>Which fields of a received head are passed on. A struct, so that the copying loop inlines it.</summary>
public interface IFieldFilter
{
    bool Keeps(in HeaderField field, ReadOnlySpan<byte> head);
}

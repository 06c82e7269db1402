namespace DataPlane.Http.Http2;

/// <summary>Takes the fields of a header block in their order. The spans are valid during the call only.</summary>
public interface IFieldSink
{
    /// <summary>Any bytes may come: HPACK carries everything.</summary>
    void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}

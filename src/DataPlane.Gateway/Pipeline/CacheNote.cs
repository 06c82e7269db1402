namespace DataPlane.Gateway.Pipeline;

/// <summary>What a response says of the cache it went through; nothing by default.</summary>
public readonly record struct CacheNote
{
    private const int MostBytes = 320;

    public CacheResult Result { get; init; }

    public CacheForward Forward { get; init; }

    /// <summary>Of a stored response; its own Age field is left out.</summary>
    public bool HasAge { get; init; }

    public long AgeSeconds { get; init; }

    /// <summary>What is left of its lifetime, negative when it is over.</summary>
    public long TtlSeconds { get; init; }

    /// <summary>The upstream's status where the client gets another; 0 for none.</summary>
    public int ForwardStatus { get; init; }

    public bool IsStored { get; init; }

    /// <summary>The request waited for that of another client.</summary>
    public bool IsCollapsed { get; init; }

    /// <summary>Cache-Status is the operator's to show.</summary>
    public bool HidesStatus { get; init; }

    /// <summary>Of a 206 and a 416: the length of the whole; 0 for no Content-Range.</summary>
    public long WholeBytes { get; init; }

    public long PartStart { get; init; }

    /// <summary>0: no part of it can be sent.</summary>
    public long PartBytes { get; init; }

    /// <summary>Fits every number.</summary>
    public int Bound => Result == CacheResult.None ? 0 : MostBytes;

    /// <summary>Writes its lines; 0 bytes.</summary>
    public void Write(ref HeadWriter writer)
    {
        if (HasAge)
        {
            writer.Put("Age: "u8);
            writer.PutNumber(AgeSeconds);
            writer.Put("\r\n"u8);
        }
        if (WholeBytes > 0) WriteRange(ref writer);
        if (HidesStatus) return;
        writer.Put("Cache-Status: dataplane"u8);
        if (Forward == CacheForward.None)
        {
            writer.Put("; hit; ttl="u8);
            writer.PutNumber(TtlSeconds);
        }
        else
        {
            writer.Put("; fwd="u8);
            writer.Put(Word(Forward));
        }
        if (ForwardStatus > 0)
        {
            writer.Put("; fwd-status="u8);
            writer.PutNumber(ForwardStatus);
        }
        if (IsStored) writer.Put("; stored"u8);
        if (IsCollapsed) writer.Put("; collapsed"u8);
        writer.Put("\r\n"u8);
    }

    private void WriteRange(ref HeadWriter writer)
    {
        writer.Put("Content-Range: bytes "u8);
        if (PartBytes > 0)
        {
            writer.PutNumber(PartStart);
            writer.Put((byte)'-');
            writer.PutNumber(PartStart + PartBytes - 1);
        }
        else
        {
            writer.Put((byte)'*');
        }
        writer.Put((byte)'/');
        writer.PutNumber(WholeBytes);
        writer.Put("\r\n"u8);
    }

    private static ReadOnlySpan<byte> Word(CacheForward forward) => forward switch
    {
        CacheForward.Method => "method"u8,
        CacheForward.UriMiss => "uri-miss"u8,
        CacheForward.VaryMiss => "vary-miss"u8,
        CacheForward.Request => "request"u8,
        CacheForward.Stale => "stale"u8,
        _ => "bypass"u8,
    };
}

namespace DataPlane.Http.Bodies;

/// <summary>What one call of <see cref="ChunkedDecoder.Read"/> found.</summary>
public enum ChunkStatus
{
    /// <summary>All bytes given were framing and are consumed.</summary>
    NeedMore,

    /// <summary>A run of body bytes; call again with what is behind it.</summary>
    Data,

    /// <summary>The last chunk and the trailers are consumed; what follows is not part of this body.</summary>
    End,

    /// <summary>See <see cref="ChunkedDecoder.Fault"/>. The connection cannot be used any further.</summary>
    Invalid,
}

namespace DataPlane.Gateway.Caching.Store;

/// <summary>One purge: it meets every entry whose response was asked for before it. Immutable.</summary>
internal sealed class PurgeOrder(PurgeKind kind, byte[] text, ulong tag, bool isSoft, long stamp)
{
    public bool IsSoft => isSoft;

    public long Stamp => stamp;

    public bool Meets(long entryStamp, ReadOnlySpan<byte> url, ReadOnlySpan<ulong> tags) =>
        entryStamp < stamp && kind switch
        {
            PurgeKind.All => true,
            PurgeKind.Url => url.SequenceEqual(text),
            PurgeKind.Prefix => url.StartsWith(text),
            _ => tags.Contains(tag),
        };
}

namespace DataPlane.Gateway.Caching.Store;

/// <summary>One version of a stored response.</summary>
internal sealed class StoredEntry
{
    public required byte[] Key { get; init; }
    public required byte[] Head { get; init; }
    public required byte[] Body { get; init; }
    public required byte[] Meta { get; init; }
    public required byte[] Url { get; init; }
    public required string[] Tags { get; init; }
    public required long Stamp { get; init; }
    public bool IsSoftPurged { get; set; }

    public long Bytes => Key.Length + Head.Length + Body.Length + Meta.Length + Url.Length + 128;
}

namespace DataPlane.Config;

/// <summary>Where responses go that have to leave the cache's memory.</summary>
public sealed record CacheDiskConfig
{
    /// <summary>A folder, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of the file in it.</summary>
    public required long MaxSize { get; init; }
}

namespace DataPlane.Gateway.Caching;

/// <summary>What a purge is about.</summary>
public enum PurgeScope : byte
{
    /// <summary>One URL with its query, in all variants.</summary>
    Key,

    /// <summary>Every URL that begins so.</summary>
    Prefix,

    /// <summary>Every response with this tag in Cache-Tag or Surrogate-Key.</summary>
    Tag,
    All,
}

namespace DataPlane.Http.Headers;

/// <summary>What the Connection fields of a head ask for, taken together.</summary>
[Flags]
internal enum ConnectionOptions : byte
{
    None = 0,
    Close = 1,
    KeepAlive = 2,
    Upgrade = 4,

    /// <summary>Other options, each of which may be the name of a field to remove.</summary>
    Named = 8,
}

namespace DataPlane.Gateway.Caching;

/// <summary>What became of the response that a cache fetched.</summary>
internal enum TurnEnd : byte
{
    /// <summary>There is none yet.</summary>
    None,

    /// <summary>It goes to the client, and into the store.</summary>
    Filling,

    /// <summary>It goes to the client.</summary>
    Passing,

    /// <summary>The upstream says that what is stored is right.</summary>
    Confirmed,

    /// <summary>The upstream says that something is right which is not what is stored.</summary>
    OtherVersion,

    /// <summary>An error, in place of which something stored is sent.</summary>
    Error,
}

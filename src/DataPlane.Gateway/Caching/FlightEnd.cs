namespace DataPlane.Gateway.Caching;

/// <summary>What those who waited for another request's response are told.</summary>
internal enum FlightEnd : byte
{
    /// <summary>It is stored: look again.</summary>
    Stored,

    /// <summary>It cannot be shared, or there is none: everybody goes by himself.</summary>
    Unshared,

    /// <summary>The one who fetched it was left by its client: the next one fetches it.</summary>
    Abandoned,

    /// <summary>It took longer than a request waits.</summary>
    TimedOut,

    /// <summary>The exchange that waited was cancelled.</summary>
    Cancelled,
}

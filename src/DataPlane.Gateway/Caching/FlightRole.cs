namespace DataPlane.Gateway.Caching;

/// <summary>What a request does about a response that is not there.</summary>
internal enum FlightRole : byte
{
    /// <summary>It goes to the upstream without regard to others.</summary>
    Alone,

    /// <summary>It goes to the upstream, and tells those who wait.</summary>
    Leader,

    /// <summary>It waits.</summary>
    Follower,
}

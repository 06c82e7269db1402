namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>What is known of a try, beyond its outcome.</summary>
internal enum TryVerdict : byte
{
    Ended,

    /// <summary>Its response was dropped for another one.</summary>
    Refused,

    /// <summary>The upstream has not worked on it: it may be sent again whatever it says.</summary>
    Unprocessed,

    /// <summary>Its connection had most likely died while it was idle.</summary>
    Stale,
}

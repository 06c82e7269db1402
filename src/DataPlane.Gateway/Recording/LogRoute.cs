namespace DataPlane.Gateway.Recording;

/// <summary>
/// What one loop's log keeps about a route: worked out at its first exchange, and again when a reload gives its index
/// to another one.
/// </summary>
internal sealed class LogRoute
{
    /// <summary>The very array of the route's id, which tells routes under one index apart.</summary>
    public required byte[] Key { get; init; }

    /// <summary><c>,"route":"..."</c>.</summary>
    public required byte[] Json { get; init; }

    /// <summary>Of 2^32 draws, how many are taken.</summary>
    public required ulong Threshold { get; init; }

    /// <summary>Bits of <see cref="LogRules.HiddenCapturesOf"/>.</summary>
    public required uint HiddenCaptures { get; init; }
}

namespace DataPlane.Config;

/// <summary>Connections kept to one endpoint.</summary>
public sealed record ConnectionPoolConfig
{
    /// <summary>Open connections per endpoint; an exchange that finds none waits or is refused.</summary>
    public int Max { get; init; } = 1024;

    /// <summary>Unused connections kept per endpoint.</summary>
    public int Idle { get; init; } = 256;

    /// <summary>How long an unused connection is kept. Keep it below the upstream's own limit.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Age after which a connection is not used again, so that DNS changes take effect.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Exchanges of the whole upstream that may wait for a connection while every endpoint has <see cref="Max"/> open;
    /// 0 refuses them at once.
    /// </summary>
    public int Pending { get; init; } = 1024;

    /// <summary>How long one of them waits.</summary>
    public TimeSpan PendingTimeout { get; init; } = TimeSpan.FromSeconds(3);
}

namespace DataPlane.Config;

/// <summary>How long an upstream may take. Each ends the exchange with 504.</summary>
public sealed record UpstreamTimeouts
{
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>From the end of the request to the response's head; zero switches off.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two pieces of a response's body; zero switches off.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);
}

namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>An upstream's retries in the units the data plane counts in.</summary>
public sealed record RetrySettings
{
    /// <summary>Tries after the first; at least 1.</summary>
    public required int Attempts { get; init; }

    public required bool OnConnectFailure { get; init; }

    public required bool OnReset { get; init; }

    public required bool OnTimeout { get; init; }

    /// <summary>Statuses whose responses are dropped.</summary>
    public required StatusSet Statuses { get; init; }

    /// <summary>One bit for each <see cref="DataPlane.Http.Requests.RequestMethod"/> that may be sent twice.</summary>
    public required uint Methods { get; init; }

    /// <summary>Retries per request of the last window, 0 to 1.</summary>
    public required double BudgetShare { get; init; }

    /// <summary>Retries a second that need no request, over all loops.</summary>
    public required double BudgetPerSecond { get; init; }

    /// <summary>Longest wait before the second retry; 0 never waits.</summary>
    public required int BackoffMs { get; init; }
}

using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>When an exchange is tried again, preferably on another endpoint.</summary>
public sealed record RetryConfig
{
    /// <summary>Methods whose repetition does no harm (RFC 9110, 9.2.2, and QUERY).</summary>
    public static readonly ImmutableArray<string> SafeMethods =
        ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"];

    /// <summary>Tries after the first; 0 switches off, the replacement of a stale connection too.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Nothing was sent, so every method may be tried again.</summary>
    public bool OnConnectFailure { get; init; } = true;

    /// <summary>The connection died before the first byte of an answer.</summary>
    public bool OnReset { get; init; }

    /// <summary>The response's head did not come in time.</summary>
    public bool OnTimeout { get; init; }

    /// <summary>Statuses from 400 to 599 whose responses are dropped and asked for again.</summary>
    public ImmutableArray<int> OnStatuses { get; init; } = [];

    /// <summary>Methods that may be sent twice.</summary>
    public ImmutableArray<string> Methods { get; init; } = SafeMethods;

    /// <summary>Retries as a share of the upstream's requests of the last ten seconds, 0 to 1.</summary>
    public double Budget { get; init; } = 0.2;

    /// <summary>Retries a second that the budget allows in any case.</summary>
    public double BudgetMinimumPerSecond { get; init; } = 10;

    /// <summary>Longest wait before the second retry, doubled for each one after it; zero never waits.</summary>
    public TimeSpan Backoff { get; init; }
}

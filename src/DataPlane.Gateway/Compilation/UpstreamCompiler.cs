using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Opening;
using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Makes what protects an upstream and its clients from each other: retries, queue, bounds, circuit breaker. Each
/// outlives a reload that does not change it. Cold.
/// </summary>
internal sealed class UpstreamCompiler(StateTable state, LoopSet loops, TimeProvider time)
{
    public PendingQueue Pending(UpstreamConfig config) =>
        state.Keep(config.Name, settings: null, () => new PendingQueue(loops));

    /// <summary>Null when nothing is tried again.</summary>
    public RetryPolicy? Retries(UpstreamConfig config)
    {
        if (config.Retries.Attempts == 0) return null;
        var settings = new RetrySettings
        {
            Attempts = config.Retries.Attempts,
            OnConnectFailure = config.Retries.OnConnectFailure,
            OnReset = config.Retries.OnReset,
            OnTimeout = config.Retries.OnTimeout,
            Statuses = StatusSet.Of(config.Retries.OnStatuses),
            Methods = config.Retries.Methods.Aggregate(
                0u, (bits, method) => bits | 1u << (int)Enum.Parse<RequestMethod>(method, ignoreCase: true)),
            BudgetShare = config.Retries.Budget,
            BudgetPerSecond = config.Retries.BudgetMinimumPerSecond,
            BackoffMs = (int)config.Retries.Backoff.TotalMilliseconds,
        };
        return state.Keep(config.Name, settings, () => new RetryPolicy(settings, loops));
    }

    /// <summary>Null when everything is let through.</summary>
    public UpstreamGate? Gate(UpstreamConfig config)
    {
        if (config.MaxRequests == 0 && config.CircuitBreaker is null) return null;
        return state.Keep(config.Name, (config.MaxRequests, config.CircuitBreaker), () => new UpstreamGate(
            config.MaxRequests, BreakerOf(config), FallbackOf(config.CircuitBreaker), loops));
    }

    private CircuitBreaker? BreakerOf(UpstreamConfig config)
    {
        if (config.CircuitBreaker is not { } breaker) return null;
        var settings = new BreakerSettings(
            breaker.Failures, (int)breaker.Window.TotalMilliseconds, breaker.Minimum,
            (int)breaker.Open.TotalMilliseconds);
        // A changed bound on requests is no reason to forget what the upstream has done.
        return state.Keep(config.Name, settings, () => new CircuitBreaker(settings, loops, time));
    }

    private static LocalReply? FallbackOf(CircuitBreakerConfig? config)
    {
        if (config is null) return null;
        string retryAfter = config.FallbackStatus < 400
            ? ""
            : $"Retry-After: {Math.Max(1, (int)Math.Ceiling(config.Open.TotalSeconds))}\r\n";
        if (config.FallbackBody is not { } body)
        {
            return LocalReply.Problem(
                config.FallbackStatus, StatusLines.Title(config.FallbackStatus),
                ErrorTable.Of(ExchangeOutcome.CircuitOpen).Detail, retryAfter);
        }
        string type = body.Length == 0 ? "" : $"Content-Type: {config.FallbackContentType}\r\n";
        return new LocalReply
        {
            StatusCode = config.FallbackStatus,
            Fields = Encoding.ASCII.GetBytes(type + retryAfter),
            Body = Encoding.UTF8.GetBytes(body),
        };
    }
}

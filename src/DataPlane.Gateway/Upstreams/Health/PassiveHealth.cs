using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Judges endpoints by the exchanges they handle. Counting is done by every loop for itself; that an endpoint is left
/// out is decided on the loop that watches the upstream.
/// </summary>
internal sealed class PassiveHealth
{
    private const int Statuses = 600;

    private readonly PassiveHealthConfig _config;
    private readonly bool[] _isFailure = new bool[Statuses];
    private readonly Dictionary<UpstreamEndpoint, (long Requests, long Failures)> _windowStart = [];

    public PassiveHealth(PassiveHealthConfig config)
    {
        _config = config;
        foreach (var range in config.Statuses) _isFailure.AsSpan(range.First, range.Last - range.First + 1).Fill(true);
    }

    public int EjectionMs => (int)_config.Ejection.TotalMilliseconds;

    public int MaximumEjectionMs => (int)_config.MaximumEjection.TotalMilliseconds;

    public int WindowMs => (int)_config.Window.TotalMilliseconds;

    public bool HasWindow => _config.ErrorRatio > 0;

    /// <summary>
    /// Counts an exchange that <paramref name="endpoint"/> answered with <paramref name="status"/>, or failed (0). True
    /// when it has failed so often in a row that it should be left out. The loop of the exchange; 0 bytes.
    /// </summary>
    public bool Observe(UpstreamEndpoint endpoint, EventLoop loop, ExchangeOutcome outcome, int status)
    {
        bool isAnswered = outcome == ExchangeOutcome.Completed;
        if (!isAnswered && !IsFailure(outcome)) return false;
        ref var load = ref endpoint.Load(loop);
        load.Requests++;
        if (isAnswered && !(status < Statuses && _isFailure[status]))
        {
            endpoint.Health.CountSuccess();
            return false;
        }
        load.Failures++;
        int streak = endpoint.Health.CountFailure();
        return _config.Failures > 0 && streak % _config.Failures == 0;
    }

    /// <summary>Endpoints that may be out at once of so many; the last one never is.</summary>
    public int MostEjected(int endpoints) =>
        _config.MaximumEjected == 0 ? 0 : Math.Max(1, (int)(endpoints * _config.MaximumEjected));

    /// <summary>Begins to count for the ratio.</summary>
    public void BeginWindow(IReadOnlyList<EndpointMember> members)
    {
        _windowStart.Clear();
        foreach (var member in members) _windowStart[member.Endpoint] = member.Endpoint.Observed;
    }

    /// <summary>Whether too many of the exchanges since the window began have failed.</summary>
    public bool IsOverRatio(UpstreamEndpoint endpoint, out long failures, out long requests)
    {
        // An endpoint that was added within the window is judged by the next one.
        var now = endpoint.Observed;
        var before = _windowStart.GetValueOrDefault(endpoint, now);
        requests = now.Requests - before.Requests;
        failures = now.Failures - before.Failures;
        return requests >= _config.Minimum && failures >= _config.ErrorRatio * requests;
    }

    /// <summary>The endpoint's fault, as far as one can tell; what the client did says nothing about it.</summary>
    private static bool IsFailure(ExchangeOutcome outcome) => outcome
        is >= ExchangeOutcome.UpstreamConnectFailed and <= ExchangeOutcome.UpstreamTruncated
        or ExchangeOutcome.ExchangeTimeout;
}

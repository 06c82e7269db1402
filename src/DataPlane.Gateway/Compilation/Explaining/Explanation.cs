using DataPlane.Gateway.Pipeline.Explaining;

namespace DataPlane.Gateway.Compilation.Explaining;

/// <summary>
/// What the gateway would do with a request, and why. Names as in JSON, which people and scripts read.
/// </summary>
/// <param name="Method">Of the request.</param>
/// <param name="Host">Without port; what routes are chosen by.</param>
/// <param name="CanonicalPath">What every decision is made on; null when the request is refused before.</param>
/// <param name="Route">The id of the route; null for none.</param>
/// <param name="Captures">Parameters of its path.</param>
/// <param name="Routes">In the order they are tried, with why each was taken or not.</param>
/// <param name="Policies">Of the route, in order, up to the one that replies.</param>
/// <param name="Target">The kind of target; null when it is not reached.</param>
/// <param name="TargetDetail">What it would do.</param>
/// <param name="UpstreamRequest">The head an upstream would get.</param>
/// <param name="Status">Of the gateway's own answer; null when the target answers.</param>
/// <param name="Reason">Why it answers itself.</param>
public sealed record Explanation(
    string Method,
    string Host,
    string? CanonicalPath,
    string? Route,
    IReadOnlyDictionary<string, string> Captures,
    IReadOnlyList<ExplainedRoute> Routes,
    IReadOnlyList<PolicyExplanation> Policies,
    string? Target,
    string? TargetDetail,
    string? UpstreamRequest,
    int? Status,
    string? Reason);

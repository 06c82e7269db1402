namespace DataPlane.Gateway.Recording;

/// <summary>
/// A failed exchange as operators see it. Null is absent; the path is without its query; texts are cut at the lengths
/// of <see cref="RecordingLimits"/>.
/// </summary>
public sealed record ErrorView(
    DateTimeOffset Time, string RequestId, string Client, string? Method, string? Path, string? Route,
    string? Upstream, string? Endpoint, int Status, string Outcome, string Side, double Seconds);

namespace DataPlane.Gateway.Pipeline.Explaining;

/// <summary>What an integration would do with a request.</summary>
/// <param name="Detail">For people.</param>
/// <param name="Request">The head it would send, lines ended by CR LF; null when it sends none as text.</param>
public sealed record TargetExplanation(string Detail, string? Request = null);

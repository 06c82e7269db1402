namespace DataPlane.Admin;

/// <summary>
/// One generation of <c>GET /config/generations</c>. State: <c>rolling_out</c>, <c>in_force</c>, <c>rolled_back</c> or
/// <c>superseded</c>; share: of the connections, 0 to 1.
/// </summary>
public sealed record AdminGeneration(
    long Generation, string Digest, string Trigger, DateTimeOffset AppliedAt, string State, string Reason,
    double Share, long Exchanges, long Failed);

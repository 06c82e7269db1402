namespace DataPlane.Config.Policies;

/// <summary>What callers of a limit are told apart by.</summary>
public enum LimitKeyKind
{
    ClientAddress,
    Header,
    Query,
    Cookie,
    Route,
    Host,
    Constant,

    /// <summary>Whom the client's certificate names.</summary>
    Consumer,

    /// <summary>Of the bearer token, which is not verified.</summary>
    Claim,
}

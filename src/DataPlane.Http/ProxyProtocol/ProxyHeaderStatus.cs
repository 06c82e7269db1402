namespace DataPlane.Http.ProxyProtocol;

/// <summary>What the parser has to say about the first bytes of a connection.</summary>
public enum ProxyHeaderStatus
{
    /// <summary>Nothing is wrong yet: call again with the same bytes and more behind them.</summary>
    Incomplete,

    /// <summary>The header ended; the bytes behind it were not looked at.</summary>
    Complete,

    /// <summary>The bytes cannot begin a header of either version.</summary>
    Absent,

    /// <summary>They begin one, and it is refused: see <see cref="ProxyHeader.Fault"/>.</summary>
    Invalid,
}

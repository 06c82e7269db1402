namespace DataPlane.Http;

/// <summary>What a head parser has to say about the bytes so far.</summary>
public enum ParseStatus
{
    /// <summary>Nothing is wrong yet: call again with the same bytes and more behind them.</summary>
    Incomplete,

    /// <summary>The head ended; the bytes behind it were not looked at.</summary>
    Complete,

    /// <summary>The head is refused; its fault says why. The connection cannot be used any further.</summary>
    Invalid,
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>The bounds an exchange has entered and must leave.</summary>
[Flags]
public enum ExchangeBounds : byte
{
    None = 0,
    Listener = 1,
    Route = 2,

    /// <summary>Its caller's number of requests under way.</summary>
    Caller = 4,
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>The bounds an exchange has entered and must leave.</summary>
[Flags]
public enum ExchangeBounds : byte
{
    None = 0,
    Listener = 1,
    Route = 2,
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>Why an exchange was told to stop before its end.</summary>
public enum CancelReason : byte
{
    None,
    ClientGone,
    ExchangeTimeout,
    Draining,

    /// <summary>The time is up that the client itself has set.</summary>
    ClientDeadline,
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>Why an exchange was told to stop before its end.</summary>
public enum CancelReason : byte
{
    None,
    ClientGone,
    ExchangeTimeout,
    Draining,
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>Who must be told at once when the client of an exchange goes away or its time is up.</summary>
public interface IExchangeCanceller
{
    /// <summary>
    /// Loop thread. The reason is already in <see cref="Exchange.CancelReason"/>; called at most once.
    /// </summary>
    void Cancel();
}

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Produces the response of an exchange: an HTTP upstream, a mock, a function. Built once per snapshot, shared by all
/// loops. Runs on the exchange's loop and may wait there, never block. Cancellation comes through
/// <see cref="Exchange.Canceller"/>, so that an exchange allocates no token source.
/// </summary>
public interface IIntegration
{
    /// <summary>
    /// Fills <see cref="Exchange.Response"/> and writes through <paramref name="sink"/>, or returns a failure outcome
    /// without having touched the sink: the processor then makes the local reply. Never throws for what a peer does.
    /// </summary>
    ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink);
}

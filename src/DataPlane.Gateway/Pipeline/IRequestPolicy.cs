namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// One check or change between the route match and the integration. Built once per snapshot, shared by all loops:
/// state lives on the <see cref="Exchange"/> or in the state table. Called on the exchange's loop; 0 bytes; no throw.
/// </summary>
public interface IRequestPolicy
{
    Verdict OnRequest(Exchange exchange);

    /// <summary>Awaited only after <see cref="Verdict.Suspend"/>; never answers Suspend itself.</summary>
    ValueTask<Verdict> ResumeAsync(Exchange exchange) => new(Verdict.Continue);
}

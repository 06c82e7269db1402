namespace DataPlane.Gateway.Pipeline.Explaining;

/// <summary>A policy that can say what it would do. Cold: allocates.</summary>
public interface IExplainedPolicy
{
    /// <summary>
    /// What <see cref="IRequestPolicy.OnRequest"/> would answer now. Changes nothing but the exchange, which is
    /// nobody's request. Any thread.
    /// </summary>
    PolicyExplanation Explain(Exchange exchange);
}

namespace DataPlane.Gateway.Pipeline.Explaining;

/// <summary>An integration that can say what it would send. Cold: allocates.</summary>
public interface IExplainedTarget
{
    /// <summary>
    /// Sends nothing. The exchange has passed its route's policies; it is nobody's request. Any thread.
    /// </summary>
    TargetExplanation Explain(Exchange exchange);
}

using DataPlane.Gateway.Pipeline;

namespace DataPlane.Lambda.Remote;

/// <summary>What came of one request on one connection.</summary>
internal struct RemoteTurn
{
    public ExchangeOutcome Outcome;

    /// <summary>Of the service; 0 when there was no answer.</summary>
    public int Status;

    /// <summary>The function itself failed.</summary>
    public bool HasFailed;

    /// <summary>Another try follows.</summary>
    public bool IsRefused;

    /// <summary>The client has the answer, or a part of it.</summary>
    public bool IsSent;
}

namespace DataPlane.Lambda.Remote;

/// <summary>How an invocation somewhere else ended.</summary>
internal enum RemoteResult : byte
{
    Answered,

    /// <summary>The function itself failed.</summary>
    FunctionError,

    /// <summary>429, and trying again was of no use.</summary>
    Throttled,

    /// <summary>The service did not take the request: no such function, no right to call it, no credentials.</summary>
    Refused,

    /// <summary>No answer: connection, time, or an answer that is none.</summary>
    Failed,
}

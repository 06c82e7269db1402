namespace DataPlane.Lambda.Hosting;

/// <summary>How an invocation ended.</summary>
public enum InvocationStatus : byte
{
    Pending,

    /// <summary>The function answered; its payload is there.</summary>
    Answered,

    /// <summary>The function answers piece by piece; the stream has begun.</summary>
    Streaming,

    /// <summary>It failed, timed out or died; the payload says how, in JSON.</summary>
    FunctionError,

    /// <summary>As many as reserved are under way.</summary>
    ReservedExceeded,

    /// <summary>As many as may wait do wait.</summary>
    QueueFull,

    /// <summary>It is on disk, and will run.</summary>
    Queued,

    /// <summary>It could not be put on disk.</summary>
    QueueFailed,

    /// <summary>Nobody wants the answer any more.</summary>
    Abandoned,
}

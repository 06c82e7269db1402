namespace DataPlane.Lambda.Hosting;

/// <summary>How an invocation or a start ended, as the platform's log tells it.</summary>
internal enum InvocationOutcome : byte
{
    Success,

    /// <summary>The function answered that it failed.</summary>
    Failed,

    TimedOut,

    /// <summary>Its process ended.</summary>
    Exited,
}

namespace DataPlane.Lambda.Hosting;

/// <summary>What an execution environment does.</summary>
public enum EnvironmentState : byte
{
    /// <summary>Its process starts, or its code is being loaded.</summary>
    Starting,

    /// <summary>It has asked for an event and waits.</summary>
    Idle,

    /// <summary>It has an event, or has not asked for the next one yet.</summary>
    Busy,

    Ended,
}

namespace DataPlane.Lambda.Hosting;

/// <summary>A line a function wrote, or an event of the platform's, which becomes text when it is read.</summary>
/// <param name="TimeMs">Unix time; 0 where no line has it.</param>
/// <param name="Text">With its line feed; of an <see cref="FunctionLogKind.InitReport"/> the type of the error.</param>
internal readonly record struct FunctionLogEntry(FunctionLogKind Kind, long TimeMs = 0, string? Text = null)
{
    public Guid Invocation { get; init; }

    public InvocationOutcome Outcome { get; init; }

    public float RunMs { get; init; }

    /// <summary>0 where the environment had been started before.</summary>
    public float InitMs { get; init; }

    public int MemoryMiB { get; init; }
}

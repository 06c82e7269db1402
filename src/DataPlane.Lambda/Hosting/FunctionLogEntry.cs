namespace DataPlane.Lambda.Hosting;

/// <summary>A line a function wrote, or a START or REPORT, which becomes text when it is read.</summary>
internal readonly record struct FunctionLogEntry(
    string? Text, Guid Invocation, float RunMs, float InitMs, int MemoryMiB)
{
    public bool IsStart => Text is null && RunMs < 0;

    public bool IsReport => Text is null && RunMs >= 0;
}

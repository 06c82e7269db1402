using Microsoft.Extensions.Logging;

namespace DataPlane.Lambda.Queue;

internal static partial class QueueMessages
{
    [LoggerMessage(10, LogLevel.Error,
        "The queue {Path} cannot be used, events are refused with 500: {Reason}; check queue.path.")]
    public static partial void Unusable(ILogger logger, string path, string reason);

    [LoggerMessage(11, LogLevel.Warning,
        "Another process runs the events of the queue {Path}. Give each gateway a queue.path of its own.")]
    public static partial void NotOwner(ILogger logger, string path);

    [LoggerMessage(12, LogLevel.Information, "The queue {Path} had {Count} entries.")]
    public static partial void Resumed(ILogger logger, string path, int count);

    [LoggerMessage(13, LogLevel.Warning,
        "Event {Request} for {Target} was dropped after {Attempts} attempts: {Condition}, and it has no destination.")]
    public static partial void Dropped(ILogger logger, Guid request, string target, int attempts, string condition);

    [LoggerMessage(14, LogLevel.Warning, "{Target} did not take {Request}: {Reason}; it is tried again.")]
    public static partial void NotTaken(ILogger logger, string target, Guid request, string reason);

    [LoggerMessage(15, LogLevel.Error, "The queue {Path} failed; it is tried again: {Reason}")]
    public static partial void Failed(ILogger logger, string path, string reason);
}

using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Connections;

internal static partial class MemoryLog
{
    [LoggerMessage(
        1, LogLevel.Warning,
        "Memory is short: {Used} bytes of limits.memory {Limit}. Idle connections are closed, the longest idle first.")]
    public static partial void High(ILogger logger, long used, long limit);

    [LoggerMessage(
        2, LogLevel.Warning,
        "Memory is nearly used up: {Used} bytes of limits.memory {Limit}. New connections and requests are refused.")]
    public static partial void Critical(ILogger logger, long used, long limit);

    [LoggerMessage(
        3, LogLevel.Information,
        "Memory is no longer short: {Used} bytes of limits.memory {Limit}. {Closed} idle connections were closed.")]
    public static partial void Normal(ILogger logger, long used, long limit, long closed);
}

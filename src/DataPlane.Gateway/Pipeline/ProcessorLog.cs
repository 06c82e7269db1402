using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Pipeline;

internal static partial class ProcessorLog
{
    [LoggerMessage(1, LogLevel.Error, "Exchange on route {Route} failed inside the gateway; its connection is closed.")]
    public static partial void Defect(ILogger logger, string? route, Exception defect);

    [LoggerMessage(2, LogLevel.Error, "A client's connection failed inside the gateway, and is closed.")]
    public static partial void ConnectionDefect(ILogger logger, Exception defect);
}

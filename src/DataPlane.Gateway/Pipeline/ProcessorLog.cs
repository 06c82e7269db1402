using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Pipeline;

internal static partial class ProcessorLog
{
    [LoggerMessage(1, LogLevel.Error, "Exchange on route {Route} failed inside the gateway; its connection is closed.")]
    public static partial void Defect(ILogger logger, string? route, Exception defect);
}

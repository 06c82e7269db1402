using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Traces;

internal static partial class TraceMessages
{
    [LoggerMessage(1, LogLevel.Warning, "The receiver of traces did not take {Spans} spans; they are lost.")]
    public static partial void NotExported(ILogger logger, int spans);

    [LoggerMessage(2, LogLevel.Error, "Spans could not be exported.")]
    public static partial void Defect(ILogger logger, Exception defect);
}

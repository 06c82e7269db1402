using Microsoft.Extensions.Logging;

namespace DataPlane.Lambda.Hosting;

internal static partial class FunctionMessages
{
    [LoggerMessage(1, LogLevel.Information, "{Function}: {Line}")]
    public static partial void Line(ILogger logger, string function, string line);

    [LoggerMessage(2, LogLevel.Warning, "An environment of function {Function} did not start: {Reason}")]
    public static partial void FailedStart(ILogger logger, string function, string reason);

    [LoggerMessage(4, LogLevel.Information, "Functions run without {Lacks}.")]
    public static partial void NotIsolated(ILogger logger, string lacks);

    [LoggerMessage(3, LogLevel.Error, "The Runtime API of function {Function} failed inside the gateway.")]
    public static partial void Defect(ILogger logger, string function, Exception defect);
}

using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording;

internal static partial class AccessLogMessages
{
    [LoggerMessage(1, LogLevel.Error, "The access log lost {Lines} lines: {Reason}.")]
    public static partial void Lost(ILogger logger, int lines, string reason);

    [LoggerMessage(2, LogLevel.Error, "The access log could not be opened again, and stays where it was: {Reason}")]
    public static partial void NotReopened(ILogger logger, string reason);
}

using Microsoft.Extensions.Logging;

namespace DataPlane.Lambda.Remote;

internal static partial class RemoteMessages
{
    [LoggerMessage(10, LogLevel.Warning, "No AWS credentials were found: {Reason}")]
    public static partial void NoCredentials(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "Function {Function} was refused with {Status}: {Type}: {Message}")]
    public static partial void Refused(ILogger logger, string function, int status, string type, string message);

    [LoggerMessage(12, LogLevel.Information, "{Function}: {Line}")]
    public static partial void Line(ILogger logger, string function, string line);
}

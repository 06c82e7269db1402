using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation;

internal static partial class TlsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Certificate {File} of {Owner} is good until {End} only.")]
    public static partial void ExpiresSoon(ILogger logger, string file, string owner, string end);

    [LoggerMessage(2, LogLevel.Warning, "Certificate {File} of {Owner} has expired at {End}.")]
    public static partial void Expired(ILogger logger, string file, string owner, string end);

    [LoggerMessage(3, LogLevel.Warning, "Upstream {Upstream} is not verified: any certificate will do.")]
    public static partial void Unverified(ILogger logger, string upstream);
}

using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Upstreams.Health;

internal static partial class HealthLog
{
    [LoggerMessage(1, LogLevel.Warning,
        "Endpoint {Endpoint} ({Address}) of upstream {Upstream} is unhealthy: {Reason}.")]
    public static partial void Unhealthy(
        ILogger logger, string endpoint, EndpointAddress address, string upstream, string reason);

    [LoggerMessage(2, LogLevel.Warning,
        "Endpoint {Endpoint} ({Address}) of upstream {Upstream} is ejected for {Seconds} s: {Reason}.")]
    public static partial void Ejected(
        ILogger logger, string endpoint, EndpointAddress address, string upstream, double seconds, string reason);

    [LoggerMessage(3, LogLevel.Information,
        "Endpoint {Endpoint} ({Address}) of upstream {Upstream} is back: {Reason}.")]
    public static partial void Back(
        ILogger logger, string endpoint, EndpointAddress address, string upstream, string reason);

    [LoggerMessage(4, LogLevel.Warning,
        "So few endpoints of upstream {Upstream} are healthy that health is ignored until more are.")]
    public static partial void Panic(ILogger logger, string upstream);

    [LoggerMessage(5, LogLevel.Warning,
        "Endpoint {Endpoint} ({Address}) of upstream {Upstream} and the gateway cannot agree on TLS: {Reason}.")]
    public static partial void TlsFailed(
        ILogger logger, string endpoint, EndpointAddress address, string upstream, string? reason);
}

using System.Net;
using DataPlane.Config;
using Microsoft.Extensions.Logging;

namespace DataPlane.Hosting;

internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "Process {Id} has taken over; this one ends with its connections.")]
    public static partial void Upgraded(ILogger logger, int id);

    [LoggerMessage(2, LogLevel.Error, "The upgrade failed, and this process goes on: {Problem}.")]
    public static partial void UpgradeFailed(ILogger logger, string problem);

    [LoggerMessage(
        3, LogLevel.Warning, "A socket listening on {Address} was given, but no listener is configured there.")]
    public static partial void Unclaimed(ILogger logger, EndPoint address);

    [LoggerMessage(3, LogLevel.Information, "Listener {Name} serves on {Address}.")]
    public static partial void ListenerOpened(ILogger logger, string name, ListenAddress address);

    [LoggerMessage(4, LogLevel.Information,
        "Listener {Name} no longer accepts on {Address}; its connections end after their response.")]
    public static partial void ListenerClosed(ILogger logger, string name, ListenAddress address);

    [LoggerMessage(5, LogLevel.Information, "Serving by {Kind} on {Loops} loops, sending by io_uring: {UsesRing}.")]
    public static partial void Serving(ILogger logger, Gateway.Transport.TransportKind kind, int loops, bool usesRing);
}

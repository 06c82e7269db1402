using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Upstreams.Names;

internal static partial class NameLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Name} could not be resolved; the {Known} addresses known stay in use.")]
    public static partial void Failed(ILogger logger, string name, int known);

    [LoggerMessage(2, LogLevel.Warning,
        "{Name} has {Count} addresses, of which {Used} are used: an upstream has no room for more.")]
    public static partial void TooMany(ILogger logger, string name, int count, int used);

    [LoggerMessage(3, LogLevel.Error, "A look-up of {Name} failed inside the gateway.")]
    public static partial void Defect(ILogger logger, string name, Exception defect);
}

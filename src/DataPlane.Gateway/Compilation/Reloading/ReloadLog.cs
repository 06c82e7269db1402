using DataPlane.Config;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation.Reloading;

internal static partial class ReloadLog
{
    [LoggerMessage(1, LogLevel.Information, "Configuration generation {Generation} is in force: {Routes} routes.")]
    public static partial void InForce(ILogger logger, long generation, int routes);

    [LoggerMessage(2, LogLevel.Information, "Roll-out of generation {Generation} begins with {Share:P1}.")]
    public static partial void RolloutBegins(ILogger logger, long generation, double share);

    [LoggerMessage(3, LogLevel.Information, "Roll-out of generation {Generation} goes on with {Share:P1}.")]
    public static partial void RolloutGoesOn(ILogger logger, long generation, double share);

    [LoggerMessage(4, LogLevel.Error,
        "Generation {Generation} was rolled back: {Reason}. Generation {Current} serves everyone again.")]
    public static partial void RolledBack(ILogger logger, long generation, string reason, long current);

    [LoggerMessage(5, LogLevel.Error,
        "The configuration was not changed ({Trigger}): {Count} errors; the one before it serves. {Errors}")]
    public static partial void Refused(ILogger logger, ReloadTrigger trigger, int count, string errors);

    [LoggerMessage(6, LogLevel.Error, "Reloading the configuration failed inside the gateway; nothing was changed.")]
    public static partial void Defect(ILogger logger, Exception defect);

    [LoggerMessage(7, LogLevel.Warning, "The last good configuration cannot be kept in {Folder}: {Reason}")]
    public static partial void NotKept(ILogger logger, string folder, string reason);

    /// <summary>One line per error, at most a screenful.</summary>
    public static string Describe(IReadOnlyList<ConfigError> errors) =>
        string.Join(" | ", errors.Take(Limits.LoggedErrors));
}

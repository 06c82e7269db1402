using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>One attempt to change the configuration. Immutable.</summary>
public sealed record ReloadReport(
    ReloadStatus Status,
    ReloadTrigger Trigger,
    DateTimeOffset At,
    TimeSpan Duration,
    Generation? Generation,
    IReadOnlyList<ConfigError> Errors);

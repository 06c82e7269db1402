using DataPlane.Config;

namespace DataPlane.Admin;

/// <summary>A configuration that was offered and not taken, or went back.</summary>
public sealed record AdminRefusal(DateTimeOffset At, string Trigger, string Reason, IReadOnlyList<ConfigError> Errors);

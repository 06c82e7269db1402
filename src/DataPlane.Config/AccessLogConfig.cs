namespace DataPlane.Config;

/// <summary>One line for each exchange, or for a share of them.</summary>
public sealed record AccessLogConfig
{
    public AccessLogTarget Target { get; init; } = AccessLogTarget.Stdout;

    /// <summary>The file, when <see cref="Target"/> is File.</summary>
    public string? Path { get; init; }

    public AccessLogFormat Format { get; init; } = AccessLogFormat.Json;

    /// <summary>Share of exchanges that are logged, 0 to 1.</summary>
    public double Sample { get; init; } = 1.0;
}

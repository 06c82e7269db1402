namespace DataPlane.Config;

/// <summary>One line for each exchange, or for a share of them.</summary>
public sealed record AccessLogConfig
{
    public AccessLogTarget Target { get; init; } = AccessLogTarget.Stdout;

    /// <summary>The file, when <see cref="Target"/> is File.</summary>
    public string? Path { get; init; }

    /// <summary>The receiver, when <see cref="Target"/> is Syslog.</summary>
    public SyslogConfig? Syslog { get; init; }

    public AccessLogFormat Format { get; init; } = AccessLogFormat.Json;

    /// <summary>The line, when <see cref="Format"/> is Template.</summary>
    public LogTemplate? Template { get; init; }

    public LogSamplingConfig Sample { get; init; } = new();

    /// <summary>The path is logged with its query, whose secrets are masked.</summary>
    public bool Query { get; init; }

    public LogRedactionConfig Redact { get; init; } = new();
}

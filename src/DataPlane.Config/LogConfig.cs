namespace DataPlane.Config;

/// <summary>What the gateway says about itself, on standard error.</summary>
public sealed record LogConfig
{
    public LogSeverity Level { get; init; } = LogSeverity.Info;

    public LogConsoleFormat Format { get; init; } = LogConsoleFormat.Text;
}

namespace DataPlane.Config;

/// <summary>Where access log lines go.</summary>
public enum AccessLogTarget
{
    Stdout,
    Stderr,
    File,
    Syslog,
    Off,
}

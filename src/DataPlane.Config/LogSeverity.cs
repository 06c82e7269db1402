namespace DataPlane.Config;

/// <summary>The least severe message that is written.</summary>
public enum LogSeverity
{
    Debug,
    Info,
    Warning,
    Error,
}

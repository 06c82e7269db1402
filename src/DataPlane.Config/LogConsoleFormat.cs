namespace DataPlane.Config;

/// <summary>How a message of the gateway itself is written.</summary>
public enum LogConsoleFormat
{
    Text,
    Json,
}

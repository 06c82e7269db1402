namespace DataPlane.Gateway.Recording;

/// <summary>How a line of the access log is written.</summary>
public enum AccessLogFormat : byte
{
    Json,

    /// <summary>The combined log format.</summary>
    Combined,
}

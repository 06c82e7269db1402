namespace DataPlane.Config;

/// <summary>How an access log line is written.</summary>
public enum AccessLogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>The Common Log Format of the NCSA server.</summary>
    Clf,
}

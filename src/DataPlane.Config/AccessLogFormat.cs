namespace DataPlane.Config;

/// <summary>How an access log line is written.</summary>
public enum AccessLogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>The Common Log Format of the NCSA server.</summary>
    Clf,

    /// <summary>The same with Referer and User-Agent, as Apache and nginx write it.</summary>
    Combined,

    /// <summary>The operator's own words with variables in them.</summary>
    Template,
}

namespace DataPlane.Config;

/// <summary>Which fields tell the upstream about the client.</summary>
public enum ForwardedHeaders
{
    /// <summary>X-Forwarded-For, -Proto, -Host and -Port.</summary>
    XForwarded,

    /// <summary>RFC 7239.</summary>
    Forwarded,

    Both,

    None,
}

namespace DataPlane.Config;

/// <summary>HTTP version spoken to an upstream.</summary>
public enum UpstreamProtocol
{
    Http1,

    /// <summary>By prior knowledge over http://, by ALPN over https://.</summary>
    Http2,
}

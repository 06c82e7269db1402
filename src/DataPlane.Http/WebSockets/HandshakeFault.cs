namespace DataPlane.Http.WebSockets;

/// <summary>Why a request to change the protocol is refused, one value per reason.</summary>
public enum HandshakeFault : byte
{
    None,

    /// <summary>RFC 6455 4.2.1: a WebSocket begins with GET.</summary>
    NotGet,

    /// <summary>HTTP/1.0 has no Upgrade (RFC 9110 7.8).</summary>
    OldHttp,

    /// <summary>A body would have to be read before the protocol changes: two readings of where it ends.</summary>
    HasBody,

    /// <summary>Sec-WebSocket-Key is absent, there twice, or not the base64 of 16 bytes.</summary>
    BadKey,

    /// <summary>Sec-WebSocket-Version is absent or not 13: answered with the version we take.</summary>
    BadVersion,
}

namespace DataPlane.Gateway.Connections;

/// <summary>How the HTTP/1.1 loop of a connection ended.</summary>
internal enum ConnectionEnd : byte
{
    /// <summary>Nothing that is sent may arrive any more: reset.</summary>
    Broken,

    /// <summary>Close behind what was sent.</summary>
    InOrder,

    /// <summary>The client speaks HTTP/2; its preface has not been consumed.</summary>
    Http2,
}

namespace DataPlane.Gateway.Connections;

/// <summary>What a read brought.</summary>
internal enum HeadStatus : byte
{
    Incomplete,
    Complete,

    /// <summary>A reply has been buffered; the connection closes after it.</summary>
    Refused,

    /// <summary>Not a head but the preface of HTTP/2, which is left unread.</summary>
    Http2,

    /// <summary>Nothing more will come, or the idle time is up.</summary>
    Closed,
}

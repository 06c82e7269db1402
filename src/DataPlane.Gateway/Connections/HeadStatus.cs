namespace DataPlane.Gateway.Connections;

/// <summary>What a read brought.</summary>
internal enum HeadStatus : byte
{
    Incomplete,
    Complete,

    /// <summary>A reply has been buffered; the connection closes after it.</summary>
    Refused,

    /// <summary>Nothing more will come, or the idle time is up.</summary>
    Closed,
}

namespace DataPlane.Lambda.EventStreams;

/// <summary>What a piece of an event stream gave.</summary>
internal enum EventStreamStatus : byte
{
    /// <summary>All bytes are taken, and no message is whole.</summary>
    NeedsMore,

    Message,

    /// <summary>A checksum or a length is wrong; nothing after it means anything.</summary>
    Broken,
}

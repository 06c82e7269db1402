namespace DataPlane.Lambda.Queue;

/// <summary>What is to become of an entry. The numbers are in files.</summary>
internal enum QueueKind : byte
{
    /// <summary>A function runs it.</summary>
    Event = 0,

    /// <summary>An upstream gets it as a POST.</summary>
    Post = 1,

    /// <summary>A file gets it as a line.</summary>
    Line = 2,

    /// <summary>A function that somebody else runs gets it, as an event.</summary>
    Call = 3,
}

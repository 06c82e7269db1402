namespace DataPlane.Config;

/// <summary>What a segment of a route's path matches.</summary>
public enum PathSegmentKind
{
    /// <summary>Exactly its text.</summary>
    Literal,

    /// <summary>Any one segment that is not empty.</summary>
    Parameter,

    /// <summary>One or more segments, with or without a final slash; always last.</summary>
    Greedy,
}

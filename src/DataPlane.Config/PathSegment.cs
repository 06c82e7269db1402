namespace DataPlane.Config;

/// <summary>A segment: a literal in canonical form (percent-encoded where needed), or a parameter's name.</summary>
public readonly record struct PathSegment(PathSegmentKind Kind, string Text);

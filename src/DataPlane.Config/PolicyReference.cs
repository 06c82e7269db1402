using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// One policy of a route: of the top-level <c>policies</c> (then <c>Name</c> says which) or written in place.
/// <c>Node</c> is the value of the kind's key, already checked by that kind's validator.
/// </summary>
public sealed record PolicyReference(string? Name, string Kind, ConfigNode Node, SourceMark Mark);

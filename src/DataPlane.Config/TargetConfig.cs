using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// Where a route's exchanges go. <c>Kind</c> is the key that names the integration, <c>Node</c> the whole mapping
/// under <c>to</c>, already checked by that kind's validator.
/// </summary>
public sealed record TargetConfig(string Kind, MappingNode Node, SourceMark Mark);

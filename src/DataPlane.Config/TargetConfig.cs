namespace DataPlane.Config;

/// <summary>
/// Where a route's exchanges go. <c>Kind</c> is the key that names the integration, <c>Settings</c> what that kind's
/// <see cref="TargetReader"/> made of the mapping under <c>to</c>: an <c>UpstreamTarget</c> for instance. Not the
/// mapping itself, which would be five times as many objects for every route that is kept.
/// </summary>
public sealed record TargetConfig(string Kind, object Settings, SourceMark Mark);

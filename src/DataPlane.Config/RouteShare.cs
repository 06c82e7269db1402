namespace DataPlane.Config;

/// <summary>A route's id and the share, 0 to 1, of its exchanges.</summary>
public readonly record struct RouteShare(string Route, double Share);

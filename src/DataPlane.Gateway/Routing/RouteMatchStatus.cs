namespace DataPlane.Gateway.Routing;

public enum RouteMatchStatus : byte
{
    /// <summary>Nothing serves this host and path, or not with these header and query fields.</summary>
    NotFound,
    Found,

    /// <summary>The same request with one of the methods in Allow would have been found.</summary>
    MethodNotAllowed,
}

using DataPlane.Config;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>The header and query conditions of a route; all of them have to be met. Any thread; 0 bytes.</summary>
internal sealed class RouteConditions
{
    private readonly HeaderCondition[] _headers;
    private readonly QueryCondition[] _query;

    private RouteConditions(HeaderCondition[] headers, QueryCondition[] query)
    {
        _headers = headers;
        _query = query;
    }

    /// <summary>Null when the route has none.</summary>
    public static RouteConditions? Of(RouteMatchConfig match) =>
        match.Headers.IsEmpty && match.Query.IsEmpty
            ? null
            : new RouteConditions(
                [.. match.Headers.Select(field => new HeaderCondition(field.Name, field.Value))],
                [.. match.Query.Select(field => new QueryCondition(field.Name, field.Value))]);

    public bool AreMet(RequestHead head, ReadOnlySpan<byte> headBytes)
    {
        foreach (var header in _headers)
        {
            if (!header.IsMet(head, headBytes)) return false;
        }
        if (_query.Length == 0) return true;
        var query = head.QueryRange.Of(headBytes);
        foreach (var field in _query)
        {
            if (!field.IsMet(query)) return false;
        }
        return true;
    }
}

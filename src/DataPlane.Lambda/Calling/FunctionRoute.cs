using System.Text.Json;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>What is the same in every event of a route, encoded once. Immutable; all loops.</summary>
internal sealed class FunctionRoute
{
    public FunctionRoute(RouteConfig route, FunctionIdentity identity, FunctionEventFormat format)
    {
        Format = format;
        string path = route.Match.Path.ToString();
        string method = route.Match.Methods is [var only] ? only : "ANY";
        RouteKey = JsonEncodedText.Encode(IsUrl ? "$default" : $"{method} {path}");
        Resource = JsonEncodedText.Encode(path);
        ParameterNames = [.. route.Match.Path.Captures.Select(name => JsonEncodedText.Encode(name))];
        Account = JsonEncodedText.Encode(identity.Account);
        ApiId = JsonEncodedText.Encode("dataplane");
    }

    public FunctionEventFormat Format { get; }

    /// <summary>The event is that of a function URL, and its path what the route's last capture holds.</summary>
    public bool IsUrl => Format == FunctionEventFormat.Url;

    /// <summary><c>GET /users/{id}</c>; ANY for several methods or none, <c>$default</c> of a URL.</summary>
    public JsonEncodedText RouteKey { get; }

    public JsonEncodedText Resource { get; }

    public JsonEncodedText[] ParameterNames { get; }

    public JsonEncodedText Account { get; }

    public JsonEncodedText ApiId { get; }
}

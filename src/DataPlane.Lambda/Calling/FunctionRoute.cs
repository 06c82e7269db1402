using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>What is the same in every event of a route, encoded once. Immutable; all loops.</summary>
internal sealed class FunctionRoute
{
    public FunctionRoute(RouteConfig route, FunctionIdentity identity, FunctionTarget target)
    {
        Format = target.Event;
        BinaryTypes = target.BinaryMediaTypes.IsEmpty ? null : new BinaryMediaTypes(target.BinaryMediaTypes);
        string path = route.Match.Path.ToString();
        string method = route.Match.Methods is [var only] ? only : "ANY";
        RouteKey = JsonEncodedText.Encode(IsUrl ? "$default" : $"{method} {path}");
        Resource = JsonEncodedText.Encode(path);
        ParameterNames = [.. route.Match.Path.Captures.Select(name => JsonEncodedText.Encode(name))];
        GreedyAt = path.EndsWith("+}", StringComparison.Ordinal) ? path.Count(letter => letter == '/') : 0;
        Account = JsonEncodedText.Encode(identity.Account);
        ApiId = JsonEncodedText.Encode("dataplane");
        TargetGroup = JsonEncodedText.Encode(TargetGroupOf(target.Function, identity));
    }

    public FunctionEventFormat Format { get; }

    /// <summary>Of a REST API; null when it has none, and for all other events.</summary>
    public BinaryMediaTypes? BinaryTypes { get; }

    /// <summary>The event is that of a function URL, and its path what the route's last capture holds.</summary>
    public bool IsUrl => Format == FunctionEventFormat.Url;

    /// <summary>The event is that of a load balancer.</summary>
    public bool IsAlb => Format is FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue;

    /// <summary><c>GET /users/{id}</c>; ANY for several methods or none, <c>$default</c> of a URL.</summary>
    public JsonEncodedText RouteKey { get; }

    public JsonEncodedText Resource { get; }

    public JsonEncodedText[] ParameterNames { get; }

    /// <summary>Which segment the capture of the rest begins at, from 1; 0 when there is none.</summary>
    public int GreedyAt { get; }

    public JsonEncodedText Account { get; }

    public JsonEncodedText ApiId { get; }

    /// <summary>ARN of the function's target group, which is the same in every gateway.</summary>
    public JsonEncodedText TargetGroup { get; }

    private static string TargetGroupOf(string function, FunctionIdentity identity)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(function));
        return $"arn:aws:elasticloadbalancing:{identity.Region}:{identity.Account}:targetgroup/{function}/"
            + Convert.ToHexStringLower(digest.AsSpan(0, 8));
    }
}

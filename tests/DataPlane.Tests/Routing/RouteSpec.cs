using System.Collections.Immutable;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Tests.Routing;

/// <summary>A route in short: lists are separated by spaces, conditions written <c>name=value</c>,
/// <c>name=*</c>.</summary>
internal sealed record RouteSpec(
    string Path,
    string Methods = "",
    string Hosts = "",
    string Headers = "",
    string Query = "",
    int Priority = 0,
    string? Id = null)
{
    public string RouteId => Id ?? ToString();

    public static RouteTrie Compile(params IEnumerable<RouteSpec> specs)
    {
        var builder = new RouteTrieBuilder();
        var order = 0;
        foreach (var spec in specs)
            builder.Add(spec.ToRoute(order), spec.ToMatch(), order++);
        return builder.Build();
    }

    public Route ToRoute(int stateIndex) => new()
    {
        Id = RouteId,
        StateIndex = stateIndex,
        CaptureNames = PathTemplate.Parse(Path).Captures,
        RequestPolicies = [],
        ResponsePolicies = [],
        Integration = null!,
        RequestBodyBytes = 0,
    };

    public RouteMatchConfig ToMatch() => new()
    {
        Hosts = [.. Words(Hosts)],
        Path = PathTemplate.Parse(Path),
        Methods = [.. Words(Methods)],
        Headers = Conditions(Headers),
        Query = Conditions(Query),
        Priority = Priority,
    };

    public override string ToString()
    {
        var text = new StringBuilder($"{Methods} {Hosts}{Path}");
        if (Headers.Length > 0) text.Append(" h:").Append(Headers);
        if (Query.Length > 0) text.Append(" q:").Append(Query);
        if (Priority != 0) text.Append(" p:").Append(Priority);
        return text.ToString();
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ImmutableArray<FieldCondition> Conditions(string text) =>
        [.. Words(text).Select(word => word.Split('=', 2)).Select(p => new FieldCondition(p[0], ValueOf(p[1])))];

    private static string? ValueOf(string text) => text == "*" ? null : text;
}

using System.Collections.Immutable;
using System.Text;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>routes</c>, in file order, and finds ids and matches that are there twice.</summary>
internal sealed class RouteBinder(
    PolicyBinder policies, TargetBinder targets, GatewayConfigReferences references, TextPool texts,
    ConfigErrors errors)
{
    private const long MostBodyBytes = 1L << 40;

    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, SourceMark> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, SourceMark> _matches = [];

    public static KeyTable Keys { get; } = new(
        new ConfigKey("id", ValueShape.String, "Name in metrics and logs; unique. Made from the match when absent."),
        new ConfigKey("match", ValueShape.Section(MatchBinder.Keys), "Which requests.") { Required = true },
        new ConfigKey("policies", ValueShape.List(ValueShape.Either(ValueShape.String, ValueShape.Policy)),
            "Names of policies, or policies written in place, in the order they run.")
        {
            Default = "[]",
        },
        new ConfigKey("headers", ValueShape.Section(HeaderRulesBinder.Keys), "Changes to header fields."),
        new ConfigKey("encodedSlash", ValueShape.Choice("reject", "keep"), "What %2F in a path means: 400, or itself.")
        {
            Default = "reject",
        },
        new ConfigKey("requestBodyBytes", ValueShape.Size(0, MostBodyBytes), "Instead of limits.requestBodyBytes."),
        new ConfigKey("timeout", ValueShape.Duration(TimeSpan.Zero, TimeSpan.FromHours(24)),
            "Instead of limits.exchangeTimeout; 0s switches off."),
        new ConfigKey("maxRequests", ValueShape.Integer(0, 1_000_000), "Requests under way at once; 0 is unlimited.")
        {
            Default = "0",
        },
        new ConfigKey(
            "grpcWeb", ValueShape.Boolean, "Pass calls of gRPC-Web on as gRPC, to upstreams with protocol: http2.")
        {
            Default = "false",
        },
        new ConfigKey(
            "upgrades", ValueShape.List(ValueShape.String), "Protocols of Upgrade that are passed on; [] for none.")
        {
            Default = """["websocket"]""",
        },
        new ConfigKey("tunnels", ValueShape.Section(TunnelBinder.Keys), "Limits of the route's tunnels."),
        new ConfigKey("to", ValueShape.Target, "Where the request goes.") { Required = true });

    /// <summary>
    /// Takes routes that are written as they were <paramref name="before"/> from there, and adds those for the next
    /// load to <paramref name="after"/>.
    /// </summary>
    public ImmutableArray<RouteConfig> Bind(NodeReader root, KeptRoutes? before, KeptRoutes after, Action? pace)
    {
        PlacedNodes items = root.List("routes");
        var routes = ImmutableArray.CreateBuilder<RouteConfig>(items.Count);
        _ids.EnsureCapacity(items.Count);
        _matches.EnsureCapacity(items.Count);
        after.Reserve(items.Count);
        for (int i = 0; i < items.Count; i++, pace?.Invoke())
        {
            var later = items.Unread(i) as DeferredNode;
            EntryKey key = later?.ToKey() ?? default;
            if ((later is null ? null : TakeOver(later, key, before)) is not { } route)
            {
                route = BindRoute(items[i]);
                if (route is null) continue;
            }
            routes.Add(route);
            if (later is not null) after.Add(key, route);
        }
        return routes.DrainToImmutable();
    }

    /// <summary>Null when it has changed, or is there twice, which is reported when it is bound.</summary>
    private RouteConfig? TakeOver(DeferredNode item, EntryKey key, KeptRoutes? before)
    {
        if (before?.Find(key) is not { } route) return null;
        UInt128 match = RouteId.Key(route.Match, _text);
        if (_ids.ContainsKey(route.Id) || _matches.ContainsKey(match)) return null;
        _ids.Add(route.Id, item.Mark);
        _matches.Add(match, item.Mark);
        return route;
    }

    private RouteConfig? BindRoute(PlacedNode item)
    {
        var reader = new NodeReader(item.Node, item.Path, Keys, errors);
        NodeReader matchReader = reader.Section("match");
        RouteMatchConfig? match = MatchBinder.Bind(matchReader, texts, errors);
        string id = BindId(reader, matchReader, match, item.Node.Mark);
        // A path with errors still says which names its author means to capture: reporting each use would be noise.
        GatewayConfigReferences own = references.WithCaptures(
            match?.Path.Captures ?? PathTemplate.GuessCaptures((matchReader.Node("path") as ScalarNode)?.Value ?? ""));
        NodeReader headers = reader.Section("headers");
        HeaderRulesConfig? request = HeaderRulesBinder.Bind(headers, "request", own, errors);
        HeaderRulesConfig? response = HeaderRulesBinder.Bind(headers, "response", own, errors);
        var policyList = policies.BindReferences(reader, own);
        bool keepsSlash = reader.Choice("encodedSlash") == "keep";
        long? bodyBytes = reader.OptionalSize("requestBodyBytes");
        TimeSpan? timeout = reader.OptionalDuration("timeout");
        ImmutableArray<string>? upgrades = TunnelBinder.BindProtocols(reader, errors);
        TunnelConfig? tunnels = TunnelBinder.Bind(reader);
        TargetConfig? to = targets.Bind(reader, own);
        if (match is null || to is null) return null;
        return new RouteConfig
        {
            Id = id,
            Match = match,
            Policies = policyList,
            To = to,
            RequestHeaders = request,
            ResponseHeaders = response,
            EncodedSlash = keepsSlash,
            RequestBodyBytes = bodyBytes,
            Timeout = timeout,
            MaxRequests = reader.Int("maxRequests"),
            GrpcWeb = reader.Bool("grpcWeb"),
            Upgrades = upgrades,
            Tunnels = tunnels,
            Mark = item.Node.Mark,
        };
    }

    private string BindId(NodeReader reader, NodeReader matchReader, RouteMatchConfig? match, SourceMark mark)
    {
        bool isOnlyMatch = match is null || CheckOnlyMatch(reader, match, mark);
        if (reader.OptionalString("id") is { } written)
        {
            bool isGood = written.Length is > 0 and <= Limits.IdLength
                && written.All(c => c is > ' ' and <= '~' and not ('"' or '\\'));
            if (!isGood)
            {
                reader.Error(
                    "id", "is not an id",
                    $"use at most {Limits.IdLength} printable ASCII characters, no spaces, quotes or backslashes");
            }
            CheckOnlyId(reader, written, mark);
            return written;
        }
        if (match is null) return "";
        bool hasSecret = HasSecret(matchReader.Node("headers")) || HasSecret(matchReader.Node("query"));
        string id = RouteId.FromMatch(match, hasSecret, _text);
        // Equal matches make equal ids; that error would say nothing new.
        if (isOnlyMatch) CheckOnlyId(reader, id, mark);
        return id;
    }

    private void CheckOnlyId(NodeReader reader, string id, SourceMark mark)
    {
        if (_ids.TryAdd(id, mark)) return;
        reader.Error(
            "id", $"the id {Quoted(reader, id)} is already {_ids[id].SeenFrom(reader.Mark)}", "write another id");
    }

    private bool CheckOnlyMatch(NodeReader reader, RouteMatchConfig match, SourceMark mark)
    {
        UInt128 key = RouteId.Key(match, _text);
        if (_matches.TryAdd(key, mark)) return true;
        reader.Error(
            "match",
            $"the route on line {mark.Line} matches the same requests as the one {_matches[key].SeenFrom(mark)}",
            "remove one, or give them different priorities");
        return false;
    }

    private static string Quoted(NodeReader route, string id) =>
        route.Node("id") is { } written ? ScalarReader.Quoted(written) : ScalarNode.Quote(id);

    private static bool HasSecret(ConfigNode? conditions) =>
        conditions is MappingNode mapping && mapping.Entries.Any(entry => entry.Value is ScalarNode { IsSecret: true });
}

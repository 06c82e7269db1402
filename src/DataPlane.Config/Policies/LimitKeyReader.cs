using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Policies;

/// <summary>Reads who shares an account: the keys that all limits of callers have.</summary>
internal static class LimitKeyReader
{
    private static readonly ValueShape s_shape =
        ValueShape.Either(ValueShape.String, ValueShape.List(ValueShape.String));

    public static ConfigKey Key { get; } = new(
        "key", s_shape,
        "Who is one caller: clientAddress, consumer, claim:NAME, header:NAME, query:NAME, cookie:NAME, route, host, "
        + "constant, or a list.")
    {
        Default = "clientAddress",
    };

    public static ConfigKey Ipv6Prefix { get; } = new(
        "ipv6Prefix", ValueShape.Integer(32, 128), "Bits of an IPv6 address that name one caller.")
    {
        Default = "64",
    };

    public static ImmutableArray<LimitKeyConfig> Read(NodeReader reader, ConfigErrors errors)
    {
        if (reader.Node("key") is null) return [new LimitKeyConfig(LimitKeyKind.ClientAddress, "")];
        if (reader.Node("key") is not SequenceNode)
            return reader.Node("key") is { } only ? KeyOf(only, reader.PathOf("key"), errors) : [];
        var parts = ImmutableArray.CreateBuilder<LimitKeyConfig>();
        foreach (PlacedNode item in reader.List("key")) parts.AddRange(KeyOf(item.Node, item.Path, errors));
        if (reader.Node("key") is SequenceNode { Items.Count: 0 })
            reader.Error("key", "the list is empty", "write constant when all requests share one account");
        return parts.ToImmutable();
    }

    private static ImmutableArray<LimitKeyConfig> KeyOf(ConfigNode node, NodePath path, ConfigErrors errors)
    {
        if (!ScalarReader.TryText(node, path, errors, out string text)) return [];
        int colon = text.IndexOf(':');
        string kind = colon < 0 ? text : text[..colon];
        string name = colon < 0 ? "" : text[(colon + 1)..];
        bool isNamed = name.Length > 0 && name.All(c => c is > ' ' and < '\x7f' and not ('=' or ';' or '&' or ':'));
        LimitKeyKind? known = kind switch
        {
            "clientAddress" when colon < 0 => LimitKeyKind.ClientAddress,
            "route" when colon < 0 => LimitKeyKind.Route,
            "host" when colon < 0 => LimitKeyKind.Host,
            "constant" when colon < 0 => LimitKeyKind.Constant,
            "consumer" when colon < 0 => LimitKeyKind.Consumer,
            "claim" when isNamed => LimitKeyKind.Claim,
            "header" when isNamed => LimitKeyKind.Header,
            "query" when isNamed => LimitKeyKind.Query,
            "cookie" when isNamed => LimitKeyKind.Cookie,
            _ => null,
        };
        if (known is { } found) return [new LimitKeyConfig(found, name)];
        errors.Add(
            node, path, $"{ScalarReader.Quoted(node)} is not a key",
            "write clientAddress, consumer, claim:NAME, header:NAME, query:NAME, cookie:NAME, route, host or constant");
        return [];
    }
}

using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams.NAME.loadBalancing</c>: a method's name, or the one that needs a key.</summary>
internal static class LoadBalancingBinder
{
    private const string ConsistentHash = "consistentHash";
    private const int LeastFactor = 100;
    private const int MostFactor = 1000;

    private static readonly ValueShape s_names = ValueShape.Choice("roundRobin", "leastRequests", "random");

    private static readonly KeyTable s_hashKeys = new(
        new ConfigKey(
            "key", ValueShape.String, "clientAddress, path, header:NAME, query:NAME or cookie:NAME.")
        {
            Required = true,
        },
        new ConfigKey(
            "balanceFactor", ValueShape.Integer(0, MostFactor),
            "Most load of an endpoint in percent of its share before keys spill over; 0 for no bound.")
        {
            Default = "125",
        });

    private static readonly KeyTable s_methodKeys = new(
        new ConfigKey(ConsistentHash, ValueShape.Section(s_hashKeys), "The same endpoint for the same key.")
        {
            Required = true,
        });

    public static ValueShape Shape { get; } = ValueShape.Either(s_names, ValueShape.Section(s_methodKeys));

    /// <summary>A null node is the default.</summary>
    public static LoadBalancingConfig Bind(ConfigNode? node, NodePath path, ConfigErrors errors)
    {
        if (node is null) return new LoadBalancingConfig();
        if (node is MappingNode) return BindHash(new NodeReader(node, path, s_methodKeys, errors), errors);
        if (node is ScalarNode { Value: ConsistentHash })
        {
            errors.Add(node, path, "needs a key", "write { consistentHash: { key: clientAddress } }");
            return new LoadBalancingConfig();
        }
        return ScalarReader.TryChoice(node, path, s_names, errors, out string name)
            ? new LoadBalancingConfig { Method = Enum.Parse<LoadBalancingMethod>(name, ignoreCase: true) }
            : new LoadBalancingConfig();
    }

    private static LoadBalancingConfig BindHash(NodeReader reader, ConfigErrors errors)
    {
        NodeReader hash = reader.Section(ConsistentHash);
        int factor = hash.Int("balanceFactor");
        if (factor is > 0 and < LeastFactor)
        {
            hash.Error(
                "balanceFactor", "is less than the fair share",
                $"write a percentage from {LeastFactor} to {MostFactor}, or 0 for no bound");
        }
        HashKeyConfig? key = hash.OptionalString("key") is { } text ? KeyOf(text) : null;
        if (key is null && hash.Node("key") is { } written)
        {
            errors.Add(
                written, hash.PathOf("key"), $"{ScalarReader.Quoted(written)} is not a key",
                "write clientAddress, path, header:NAME, query:NAME or cookie:NAME");
        }
        return key is null
            ? new LoadBalancingConfig()
            : new LoadBalancingConfig
            {
                Method = LoadBalancingMethod.ConsistentHash,
                Key = key,
                BalanceFactor = factor,
            };
    }

    private static HashKeyConfig? KeyOf(string text)
    {
        int colon = text.IndexOf(':');
        string kind = colon < 0 ? text : text[..colon];
        string name = colon < 0 ? "" : text[(colon + 1)..];
        bool isNamed = name.Length > 0 && name.All(c => c is > ' ' and < '\x7f' and not ('=' or ';' or '&' or ':'));
        return kind switch
        {
            "clientAddress" when colon < 0 => new HashKeyConfig(HashKeyKind.ClientAddress, ""),
            "path" when colon < 0 => new HashKeyConfig(HashKeyKind.Path, ""),
            "header" when isNamed => new HashKeyConfig(HashKeyKind.Header, name),
            "query" when isNamed => new HashKeyConfig(HashKeyKind.Query, name),
            "cookie" when isNamed => new HashKeyConfig(HashKeyKind.Cookie, name),
            _ => null,
        };
    }
}

using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Policies;

/// <summary>
/// <c>concurrencyLimit: { key: clientAddress, maxRequests: 10 }</c>: most requests of one caller under way at once.
/// </summary>
public sealed record ConcurrencyLimitConfig
{
    public const string Kind = "concurrencyLimit";

    public static KeyTable Keys { get; } = new(
        LimitKeyReader.Key,
        new ConfigKey("maxRequests", ValueShape.Integer(1, 65_535), "Most requests of one caller under way at once.")
        {
            Required = true,
        },
        new ConfigKey("shadow", ValueShape.Boolean, "Count what would be refused, refuse nothing.")
        {
            Default = "false",
        },
        LimitKeyReader.Ipv6Prefix,
        new ConfigKey(
            "callers", ValueShape.Integer(1024, 1 << 24), "Callers with requests under way at once; 8 bytes each.")
        {
            Default = "65536",
        });

    public required ImmutableArray<LimitKeyConfig> Key { get; init; }

    public required int MaxRequests { get; init; }

    public bool Shadow { get; init; }

    public int Ipv6Prefix { get; init; } = 64;

    public int Callers { get; init; } = 65_536;

    /// <summary>Reads the value of the kind's key; false, and nothing usable, when errors were added.</summary>
    public static bool TryRead(ConfigNode node, string path, ConfigErrors errors, out ConcurrencyLimitConfig policy)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        policy = new ConcurrencyLimitConfig
        {
            Key = LimitKeyReader.Read(reader, errors),
            MaxRequests = reader.Int("maxRequests"),
            Shadow = reader.Bool("shadow"),
            Ipv6Prefix = reader.Int("ipv6Prefix"),
            Callers = reader.Int("callers"),
        };
        return !policy.Key.IsEmpty && policy.MaxRequests > 0;
    }

    internal static void Validate(
        ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, out _);
}

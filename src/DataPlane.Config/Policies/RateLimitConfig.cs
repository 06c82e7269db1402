using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Policies;

/// <summary>
/// <c>rateLimit: { key: clientAddress, rate: 100/m, burst: 20 }</c>: callers that share a key share the rate. With
/// several <c>limits</c> a request is granted by all of them or charged to none.
/// </summary>
public sealed record RateLimitConfig
{
    public const string Kind = "rateLimit";

    private const int MostBurst = 1_000_000;
    private const int MostLimits = 4;

    private static readonly ValueShape s_burst = ValueShape.Integer(1, MostBurst);

    private static readonly KeyTable s_limitKeys = new(
        new ConfigKey("rate", ValueShape.Rate, "Sustained rate of one caller.") { Required = true },
        new ConfigKey("burst", s_burst, "Most at once after a pause; the rate's count when absent."));

    public static KeyTable Keys { get; } = new(
        LimitKeyReader.Key,
        new ConfigKey("rate", ValueShape.Rate, "Sustained rate of one caller."),
        new ConfigKey("burst", s_burst, "Most at once after a pause; the rate's count when absent."),
        new ConfigKey(
            "limits", ValueShape.List(ValueShape.Section(s_limitKeys)),
            "Several rates instead of one; a request needs room in all of them."),
        new ConfigKey("cost", ValueShape.Integer(1, MostBurst), "What one request takes.") { Default = "1" },
        new ConfigKey("shadow", ValueShape.Boolean, "Count what would be refused, refuse nothing.")
        {
            Default = "false",
        },
        new ConfigKey(
            "fields", ValueShape.Choice("refused", "always", "off"),
            "Responses with RateLimit fields; refusals have Retry-After in any case.")
        {
            Default = "refused",
        },
        LimitKeyReader.Ipv6Prefix,
        new ConfigKey("callers", ValueShape.Integer(1024, 1 << 24), "Callers remembered; 16 bytes each and limit.")
        {
            Default = "131072",
        });

    public required ImmutableArray<LimitKeyConfig> Key { get; init; }

    /// <summary>At least one.</summary>
    public required ImmutableArray<RateConfig> Limits { get; init; }

    public int Cost { get; init; } = 1;

    public bool Shadow { get; init; }

    public RateLimitFieldsMode Fields { get; init; }

    public int Ipv6Prefix { get; init; } = 64;

    public int Callers { get; init; }

    /// <summary>Reads the value of the kind's key; false, and nothing usable, when errors were added.</summary>
    public static bool TryRead(ConfigNode node, string path, ConfigErrors errors, out RateLimitConfig policy)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        var key = LimitKeyReader.Read(reader, errors);
        var limits = ReadLimits(reader, errors);
        policy = new RateLimitConfig
        {
            Key = key,
            Limits = limits,
            Cost = reader.Int("cost"),
            Shadow = reader.Bool("shadow"),
            Fields = reader.Enum<RateLimitFieldsMode>("fields"),
            Ipv6Prefix = reader.Int("ipv6Prefix"),
            Callers = reader.Int("callers"),
        };
        foreach (var limit in limits)
        {
            if (policy.Cost <= limit.Burst) continue;
            reader.Error(
                "cost", $"a request costs more than a burst of {limit.Burst}, so none would ever be granted",
                "raise the burst or lower the cost");
        }
        return !key.IsEmpty && !limits.IsEmpty;
    }

    internal static void Validate(
        ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, out _);

    private static ImmutableArray<RateConfig> ReadLimits(NodeReader reader, ConfigErrors errors)
    {
        if (reader.Node("limits") is null)
        {
            if (reader.Node("rate") is null)
                reader.Error("rate", "is required", "add 'rate: 100/m', or a list of limits");
            return ReadLimit(reader, errors) is { } only ? [only] : [];
        }
        foreach (string single in (string[])["rate", "burst"])
        {
            if (reader.Node(single) is not null)
                reader.Error(single, "is there together with limits", "move it into the list, or remove the list");
        }
        var limits = ImmutableArray.CreateBuilder<RateConfig>();
        foreach (PlacedNode item in reader.List("limits"))
        {
            if (ReadLimit(new NodeReader(item.Node, item.Path, s_limitKeys, errors), errors) is { } limit)
                limits.Add(limit);
        }
        if (reader.Node("limits") is SequenceNode { Items.Count: 0 or > MostLimits })
            reader.Error("limits", "needs between one and four entries", "write { rate: 10/s, burst: 20 } for each");
        return limits.ToImmutable();
    }

    private static RateConfig? ReadLimit(NodeReader reader, ConfigErrors errors)
    {
        if (reader.Node("rate") is not { } node) return null;
        if (!ScalarReader.TryRate(node, reader.PathOf("rate"), errors, out Rate rate)) return null;
        if (rate.Count == 0)
        {
            reader.Error("rate", "grants nothing", "write a count of at least 1, such as 100/m");
            return null;
        }
        int burst = reader.Node("burst") is null ? (int)Math.Min(rate.Count, MostBurst) : reader.Int("burst");
        return new RateConfig(rate, burst);
    }
}

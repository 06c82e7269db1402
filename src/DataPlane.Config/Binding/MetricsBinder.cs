using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>metrics</c>.</summary>
internal static class MetricsBinder
{
    /// <summary>Buckets of a histogram, which every series of it repeats.</summary>
    private const int MostBuckets = 64;

    private static readonly ValueShape s_bound = ValueShape.Number(0, 3600);
    private static readonly ValueShape s_names = ValueShape.Choice("opentelemetry", "traefik", "kong", "nginx");

    public static KeyTable Keys { get; } = new(
        new ConfigKey("seriesLimit", ValueShape.Integer(100, 1_000_000), "Lines of one metric before _other.")
        {
            Default = "50000",
        },
        new ConfigKey(
            "expireAfter", ValueShape.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
            "How long series of removed routes and endpoints stay.")
        {
            Default = "10m",
        },
        new ConfigKey("buckets", ValueShape.List(s_bound), "Bounds of duration histograms, in seconds.")
        {
            Default = "[]",
        },
        new ConfigKey("compatibility", ValueShape.List(s_names), "Products whose metric names are shown as well.")
        {
            Default = "[]",
        });

    public static MetricsConfig Bind(NodeReader reader, ConfigErrors errors) => new()
    {
        SeriesLimit = reader.Int("seriesLimit"),
        ExpireAfter = reader.Duration("expireAfter"),
        Buckets = BindBuckets(reader, errors),
        Compatibility = BindNames(reader, errors),
    };

    private static ImmutableArray<double> BindBuckets(NodeReader reader, ConfigErrors errors)
    {
        var bounds = ImmutableArray.CreateBuilder<double>();
        foreach (PlacedNode item in reader.List("buckets"))
        {
            if (!ScalarReader.TryNumber(item.Node, item.Path, s_bound, errors, out double bound)) continue;
            if (bound <= (bounds.Count > 0 ? bounds[^1] : 0))
            {
                errors.Add(
                    item.Node, item.Path, "is not above the one before", "write bounds in ascending order, above 0");
            }
            bounds.Add(bound);
        }
        if (bounds.Count > MostBuckets)
            reader.Error("buckets", $"has {bounds.Count} bounds", $"write at most {MostBuckets}");
        return bounds.ToImmutable();
    }

    private static ImmutableArray<MetricNames> BindNames(NodeReader reader, ConfigErrors errors)
    {
        var names = ImmutableArray.CreateBuilder<MetricNames>();
        foreach (PlacedNode item in reader.List("compatibility"))
        {
            if (!ScalarReader.TryChoice(item.Node, item.Path, s_names, errors, out string name)) continue;
            var parsed = Enum.Parse<MetricNames>(name, ignoreCase: true);
            if (!names.Contains(parsed)) names.Add(parsed);
        }
        return names.ToImmutable();
    }
}

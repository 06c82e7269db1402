using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>rollout</c>.</summary>
internal static class RolloutBinder
{
    private const int MostSteps = 20;
    private const int MostMinimum = 1_000_000;

    private static readonly TimeSpan s_leastInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_mostInterval = TimeSpan.FromHours(24);

    private static readonly KeyTable s_abortKeys = new(
        new ConfigKey("errorRatio", ValueShape.String, "Share of failed exchanges above which it goes back.")
        {
            Default = "2%",
        },
        new ConfigKey("margin", ValueShape.String, "By how much it must be worse than the one before it.")
        {
            Default = "1%",
        },
        new ConfigKey("minimum", ValueShape.Integer(1, MostMinimum), "Exchanges below which a step is not judged.")
        {
            Default = "20",
        });

    public static KeyTable Keys { get; } = new(
        new ConfigKey("steps", ValueShape.List(ValueShape.String), "Shares of the connections, rising to 100%.")
        {
            Default = """["1%", "10%", "100%"]""",
        },
        new ConfigKey("interval", ValueShape.Duration(s_leastInterval, s_mostInterval), "How long each step lasts.")
        {
            Default = "30s",
        },
        new ConfigKey("abortWhen", ValueShape.Section(s_abortKeys), "When the generation goes back by itself.")
        {
            Default = "{}",
        });

    /// <summary>Null when the key is absent: a new generation serves everyone at once.</summary>
    public static RolloutConfig? Bind(NodeReader root, ConfigErrors errors)
    {
        if (root.Node("rollout") is null) return null;
        NodeReader reader = root.Section("rollout");
        NodeReader abort = reader.Section("abortWhen");
        var standard = new RolloutConfig();
        return new RolloutConfig
        {
            Steps = reader.Node("steps") is null ? standard.Steps : BindSteps(reader, errors),
            Interval = reader.Duration("interval"),
            ErrorRatio = Share(abort, "errorRatio"),
            Margin = Share(abort, "margin"),
            Minimum = abort.Int("minimum"),
        };
    }

    private static ImmutableArray<double> BindSteps(NodeReader reader, ConfigErrors errors)
    {
        var steps = ImmutableArray.CreateBuilder<double>();
        foreach (PlacedNode item in reader.List("steps"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (!PercentText.TryParse(text, out double share) || share == 0)
            {
                errors.Add(
                    item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not a share above 0",
                    "write a percentage, such as 10%");
            }
            else if (steps.Count > 0 && share <= steps[^1])
            {
                errors.Add(item.Node, item.Path, "is not larger than the step before it", "write rising steps");
            }
            else
            {
                steps.Add(share);
                continue;
            }
            // The wrong step is told; its absence must not be told once more.
            return [1];
        }
        if (steps.Count == 0 || steps[^1] < 1)
            reader.Error("steps", "does not end with 100%", "add 100% as the last step");
        if (steps.Count > MostSteps)
            reader.Error("steps", $"has more than {MostSteps} steps", "write fewer");
        return steps.ToImmutable();
    }

    private static double Share(NodeReader reader, string key)
    {
        if (PercentText.TryParse(reader.String(key), out double share)) return share;
        reader.Error(key, "is not a percentage from 0% to 100%", "write it like 2% or 0.5%");
        return 0;
    }
}

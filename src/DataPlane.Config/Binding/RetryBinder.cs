using System.Collections.Immutable;
using System.Globalization;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams.NAME.retries</c>.</summary>
internal static class RetryBinder
{
    private const int MostRetries = 10;
    private const int FirstStatus = 400;
    private const int LastStatus = 599;

    private static readonly ImmutableArray<string> s_methods = [.. RetryConfig.SafeMethods, "POST", "PATCH"];

    private static readonly ValueShape s_condition = ValueShape.Either(
        ValueShape.Choice("connectFailure", "reset", "timeout", "5xx"), ValueShape.Integer(FirstStatus, LastStatus));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("attempts", ValueShape.Integer(0, MostRetries), "Tries after the first.") { Default = "1" },
        new ConfigKey("on", ValueShape.List(s_condition), "What is tried again.")
        {
            Default = """["connectFailure"]""",
        },
        new ConfigKey("methods", ValueShape.List(ValueShape.String), "Methods that may be sent twice.")
        {
            Default = """["GET","HEAD","OPTIONS","TRACE","PUT","DELETE","QUERY"]""",
        },
        new ConfigKey("budget", ValueShape.Percent, "Retries as a share of the requests of the last 10 s.")
        {
            Default = "20%",
        },
        new ConfigKey("budgetMinimum", ValueShape.Rate, "Retries that the budget allows in any case.")
        {
            Default = "10/s",
        },
        new ConfigKey(
            "backoff", ValueShape.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            "Longest wait before the second retry, doubled for each further one; 0s never waits.")
        {
            Default = "0s",
        });

    public static RetryConfig Bind(NodeReader reader, ConfigErrors errors)
    {
        var retries = new RetryConfig
        {
            Attempts = reader.Int("attempts"),
            Methods = BindMethods(reader, errors),
            Budget = reader.Percent("budget"),
            BudgetMinimumPerSecond = reader.Rate("budgetMinimum").PerSecond,
            Backoff = reader.Duration("backoff"),
        };
        if (reader.Node("on") is null) return retries;
        var conditions = new HashSet<string>(StringComparer.Ordinal);
        var statuses = new SortedSet<int>();
        foreach (PlacedNode item in reader.List("on"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (text == "5xx") statuses.UnionWith(Enumerable.Range(500, 100));
            else if (text is "connectFailure" or "reset" or "timeout") conditions.Add(text);
            else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int status)
                && status is >= FirstStatus and <= LastStatus) statuses.Add(status);
            else errors.Add(
                item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not known here",
                $"write one of: connectFailure, reset, timeout, 5xx, or a status from {FirstStatus} to {LastStatus}");
        }
        return retries with
        {
            OnConnectFailure = conditions.Contains("connectFailure"),
            OnReset = conditions.Contains("reset"),
            OnTimeout = conditions.Contains("timeout"),
            OnStatuses = statuses.Count == 0 ? [] : [.. statuses],
        };
    }

    private static ImmutableArray<string> BindMethods(NodeReader reader, ConfigErrors errors)
    {
        if (reader.Node("methods") is null) return RetryConfig.SafeMethods;
        var methods = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List("methods"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            // Methods nobody gave a meaning cannot be known to be harmless: they all look alike to the gateway.
            if (s_methods.Contains(text, StringComparer.Ordinal)) methods.Add(text);
            else errors.Add(
                item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not a method that can be tried again",
                $"write one of: {string.Join(", ", s_methods)}");
        }
        return methods.ToImmutable();
    }
}

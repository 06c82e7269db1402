using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds a route's <c>match</c>.</summary>
internal static class MatchBinder
{
    private const string AnyValue = "*";
    private const int MostPriority = 1000;

    // The registered methods an operator is likely to write in lower case.
    private static readonly HashSet<string> s_registered = new(StringComparer.Ordinal)
    {
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY",
    };

    public static KeyTable Keys { get; } = new(
        new ConfigKey("hosts", ValueShape.List(ValueShape.String), "Hosts, *.example.com or *; none is any.")
        {
            Default = "[]",
        },
        new ConfigKey("path", ValueShape.String, "Path with {parameter} and {rest+} segments.") { Required = true },
        new ConfigKey("methods", ValueShape.List(ValueShape.String), "Methods; none is any.") { Default = "[]" },
        new ConfigKey(
            "headers", ValueShape.Map(ValueShape.String), "Header fields and their values; \"*\" is any value.")
        {
            Default = "{}",
        },
        new ConfigKey("query", ValueShape.Map(ValueShape.String), "Query fields and their values; \"*\" is any value.")
        {
            Default = "{}",
        },
        new ConfigKey("priority", ValueShape.Integer(-MostPriority, MostPriority), "Higher is tried first.")
        {
            Default = "0",
        });

    /// <summary>Null when the path cannot be read; every other error leaves a match to go on with.</summary>
    public static RouteMatchConfig? Bind(NodeReader reader, TextPool texts, ConfigErrors errors)
    {
        PathTemplate? path = BindPath(reader, texts, errors);
        var hosts = BindHosts(reader, texts, errors);
        var methods = BindMethods(reader, texts, errors);
        var headers = BindHeaders(reader, errors);
        var query = BindQuery(reader, errors);
        int priority = reader.Int("priority");
        if (path is null) return null;
        return new RouteMatchConfig
        {
            Hosts = hosts,
            Path = path,
            Methods = methods,
            Headers = headers,
            Query = query,
            Priority = priority,
        };
    }

    private static PathTemplate? BindPath(NodeReader reader, TextPool texts, ConfigErrors errors)
    {
        if (reader.Node("path") is not { } node) return null;
        NodePath key = reader.PathOf("path");
        if (!ScalarReader.TryText(node, key, errors, out string text)) return null;
        PathTemplate? path = PathTemplate.TryParse(text, texts, out Problem problem);
        if (path is null) errors.Add(node, key, problem);
        return path;
    }

    private static ImmutableArray<string> BindHosts(NodeReader reader, TextPool texts, ConfigErrors errors)
    {
        PlacedNodes items = reader.List("hosts");
        if (items.Count == 0) return [];
        var hosts = new List<string>(items.Count);
        foreach (PlacedNode item in items)
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (HostRules.ParseCondition(text, out Problem problem) is { } host) AddOnce(hosts, host, item, errors);
            else errors.Add(item.Node, item.Path, problem);
        }
        return texts.ListOf(CollectionsMarshal.AsSpan(hosts));
    }

    private static ImmutableArray<string> BindMethods(NodeReader reader, TextPool texts, ConfigErrors errors)
    {
        PlacedNodes items = reader.List("methods");
        if (items.Count == 0) return [];
        var methods = new List<string>(items.Count);
        foreach (PlacedNode item in items)
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string method)) continue;
            string upper = method.ToUpperInvariant();
            if (upper == "CONNECT")
                errors.Add(item.Node, item.Path, "CONNECT is always refused", "remove it");
            else if (method != upper && s_registered.Contains(upper))
                errors.Add(
                    item.Node, item.Path, $"'{method}' is not '{upper}': methods are case-sensitive", $"write {upper}");
            else if (!FieldRules.IsToken(method))
                errors.Add(
                    item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not a method", "write GET, POST, ...");
            else
                AddOnce(methods, method, item, errors);
        }
        return texts.ListOf(CollectionsMarshal.AsSpan(methods));
    }

    private static ImmutableArray<FieldCondition> BindHeaders(NodeReader reader, ConfigErrors errors)
    {
        PlacedNodes entries = reader.Mapping("headers");
        if (entries.Count == 0) return [];
        var conditions = ImmutableArray.CreateBuilder<FieldCondition>(entries.Count);
        foreach (PlacedNode entry in entries)
        {
            string name = entry.Name!.Value.ToLowerInvariant();
            if (!FieldRules.CheckName(entry.Name, entry.Path, entry.Name.Value, errors)) continue;
            if (conditions.Any(c => c.Name == name))
                errors.Add(entry.Name, entry.Path, $"'{name}' is there twice", "keep one of the two");
            if (BindCondition(entry, name, errors) is not { } condition) continue;
            if (condition.Value is { } value && FieldRules.ValueProblem(value) is { } problem)
                errors.Add(entry.Node, entry.Path, problem);
            conditions.Add(condition);
        }
        return conditions.DrainToImmutable();
    }

    private static ImmutableArray<FieldCondition> BindQuery(NodeReader reader, ConfigErrors errors)
    {
        PlacedNodes entries = reader.Mapping("query");
        if (entries.Count == 0) return [];
        var conditions = ImmutableArray.CreateBuilder<FieldCondition>(entries.Count);
        foreach (PlacedNode entry in entries)
        {
            string name = entry.Name!.Value;
            if (name.Length == 0)
                errors.Add(entry.Name, entry.Path, "the name is empty", "write the query field's name");
            if (BindCondition(entry, name, errors) is { } condition) conditions.Add(condition);
        }
        return conditions.DrainToImmutable();
    }

    private static FieldCondition? BindCondition(PlacedNode entry, string name, ConfigErrors errors) =>
        ScalarReader.TryText(entry.Node, entry.Path, errors, out string value)
            ? new FieldCondition(name, value == AnyValue ? null : value)
            : null;

    private static void AddOnce(List<string> known, string value, PlacedNode item, ConfigErrors errors)
    {
        if (known.Contains(value))
            errors.Add(item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is there twice", "keep one of the two");
        else
            known.Add(value);
    }
}

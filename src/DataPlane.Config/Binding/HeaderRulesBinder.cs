using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds one direction of a route's <c>headers</c>.</summary>
internal static class HeaderRulesBinder
{
    private static readonly KeyTable s_ruleKeys = new(
        new ConfigKey(
            "set", ValueShape.Map(ValueShape.String), "Fields to replace, with values of the request in braces."),
        new ConfigKey("add", ValueShape.Map(ValueShape.String), "Fields to add, with values of the request in braces."),
        new ConfigKey("remove", ValueShape.List(ValueShape.String), "Names of fields to remove."));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("request", ValueShape.Section(s_ruleKeys), "Changes to what the upstream is sent."),
        new ConfigKey("response", ValueShape.Section(s_ruleKeys), "Changes to what the client is sent."));

    /// <summary>Null when the direction has no rules. <c>direction</c> is <c>request</c> or <c>response</c>.</summary>
    public static HeaderRulesConfig? Bind(
        NodeReader headers, string direction, GatewayConfigReferences references, ConfigErrors errors)
    {
        if (headers.Node(direction) is null) return null;
        NodeReader reader = headers.Section(direction);
        // The request always has one Host, so it may be replaced but neither doubled nor removed (RFC 9112, 3.2).
        bool mayReplaceHost = direction == "request";
        return new HeaderRulesConfig
        {
            Set = BindFields(reader, "set", mayReplaceHost, references, errors),
            Add = BindFields(reader, "add", mayReplaceHost: false, references, errors),
            Remove = BindRemoved(reader, errors),
        };
    }

    private static ImmutableArray<HeaderRule> BindFields(
        NodeReader reader, string key, bool mayReplaceHost, GatewayConfigReferences references, ConfigErrors errors)
    {
        PlacedNodes entries = reader.Mapping(key);
        if (entries.Count == 0) return [];
        var rules = ImmutableArray.CreateBuilder<HeaderRule>(entries.Count);
        foreach (PlacedNode entry in entries)
        {
            string name = entry.Name!.Value;
            bool isAllowed = FieldRules.CheckChangeable(entry.Name, entry.Path, name, errors)
                && (mayReplaceHost || CheckNotHost(entry.Name, entry.Path, name, errors));
            if (Has(rules, name))
                errors.Add(entry.Name, entry.Path, $"'{name}' is there twice", "keep one of the two");
            ValueTemplate? value = FieldRules.ReadTemplate(entry, references, errors);
            if (value is null || !isAllowed) continue;
            if (value.Parts.IsEmpty && IsHost(name))
                errors.Add(entry.Node, entry.Path, "the Host is empty", "write the host the upstream expects");
            rules.Add(new HeaderRule(name, value));
        }
        return rules.DrainToImmutable();
    }

    private static bool Has(ImmutableArray<HeaderRule>.Builder rules, string name)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            if (rules[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static ImmutableArray<string> BindRemoved(NodeReader reader, ConfigErrors errors)
    {
        PlacedNodes items = reader.List("remove");
        if (items.Count == 0) return [];
        var names = ImmutableArray.CreateBuilder<string>(items.Count);
        foreach (PlacedNode item in items)
        {
            if (ScalarReader.TryText(item.Node, item.Path, errors, out string name)
                && FieldRules.CheckChangeable(item.Node, item.Path, name, errors)
                && CheckNotHost(item.Node, item.Path, name, errors))
            {
                names.Add(name);
            }
        }
        return names.DrainToImmutable();
    }

    private static bool CheckNotHost(ConfigNode at, NodePath path, string name, ConfigErrors errors)
    {
        if (!IsHost(name)) return true;
        errors.Add(at, path, "'Host' can only be set, and only on requests", "move it to headers.request.set");
        return false;
    }

    private static bool IsHost(string name) => name.Equals("Host", StringComparison.OrdinalIgnoreCase);
}

using DataPlane.Config;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Tests.Config;

public sealed class ConfigExtensionsTests
{
    private static readonly KeyTable s_stampKeys = new(
        new ConfigKey("count", ValueShape.Integer(1, 9), "How many.") { Required = true });

    [Fact]
    public void PolicyOfAPlugin_IsCheckedWhereverItIsWritten()
    {
        ConfigResult result = Load("""
            policies:
              good: { stamp: { count: 3 } }
              bad: { stamp: { count: 10 } }
            routes:
              - match: { path: / }
                policies: [ good, bad, { stamp: {} }, { stmp: {} } ]
                to: { mock: {} }
            """);
        Assert.Equal(
            [
                "g.yaml:3:26: policies.bad.stamp.count: '10' is out of range; write a value from 1 to 9",
                "g.yaml:6:37: routes[0].policies[2].stamp.count: is required; add 'count: ...'",
                "g.yaml:6:45: routes[0].policies[3].stmp: unknown policy 'stmp'; did you mean 'stamp'?",
            ],
            result.Errors.Select(error => error.ToString()).ToArray());
    }

    [Fact]
    public void References_AreResolvedInTheOrderWritten()
    {
        ConfigResult result = Load("""
            policies: { named: { stamp: { count: 3 } } }
            routes:
              - match: { path: / }
                policies: [ { stamp: { count: 4 } }, named ]
                to: { mock: {} }
            """);
        Assert.Empty(result.Errors);
        PolicyReference[] policies = [.. result.Config!.Routes[0].Policies];
        Assert.Equal("- named", string.Join(" ", policies.Select(policy => policy.Name ?? "-")));
        Assert.Equal(["stamp", "stamp"], policies.Select(policy => policy.Kind).ToArray());
        Assert.Same(result.Config.Policies[0].Node, policies[1].Node);
    }

    [Fact]
    public void TargetOfAPlugin_GetsTheWholeMappingAndTheCaptures()
    {
        ConfigResult result = Load("""
            routes:
              - match: { path: "/{a}/{b+}" }
                to: { echo: x, beside: y }
            """);
        Assert.Equal(
            "g.yaml:3:9: routes[0].to: seen echo, beside with a, b; no fix", Assert.Single(result.Errors).ToString());
    }

    private static ConfigResult Load(string yaml)
    {
        ConfigExtensions extensions = ConfigExtensions.BuiltIn
            .WithPolicy("stamp", CheckStamp, s_stampKeys)
            .WithTarget("echo", ReportWhatItSees, "{}");
        return ConfigLoader.Parse(yaml, "g.yaml", extensions: extensions);
    }

    private static void CheckStamp(
        ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors) =>
        new NodeReader(node, path, s_stampKeys, errors).Int("count");

    private static object? ReportWhatItSees(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors)
    {
        string keys = string.Join(", ", ((MappingNode)node).Entries.Select(entry => entry.Key.Value));
        errors.Add(node, path, $"seen {keys} with {string.Join(", ", references.Captures)}", "no fix");
        return null;
    }
}

using DataPlane.Config;
using DataPlane.Config.Binding;
using DataPlane.Config.Schema;
using DataPlane.Config.Targets;

namespace DataPlane.Tests.Config;

/// <summary>
/// A value from a variable, at every place where the schema has one, whether it belongs there or not: neither an error
/// nor the effective configuration shows it.
/// </summary>
public sealed class SecretKeysTests
{
    private const string Mark = "hunter2";

    /// <summary>Each reader has other things to say about each.</summary>
    private static readonly string[] s_values =
    [
        Mark, Mark + " x", Mark + "\r\nX: y", Mark + "/{" + Mark + "}", Mark + "é", "http://" + Mark + "@a/?" + Mark,
        "/" + Mark + "/{a}/{a}", "1" + Mark, Mark + "/s", new string('x', 300) + Mark, "header:" + Mark, "5xx-" + Mark,
        "file:/" + Mark + "\0", "$" + Mark + "${", "[" + Mark, "*." + Mark + "..",
    ];

    [Fact]
    public void SecretAnywhere_IsNeverShown()
    {
        var places = PlacesOf(GatewayBinder.Keys, depth: 0).ToList();
        Assert.InRange(places.Count, 150, 20_000);
        var shown = new List<string>();
        foreach (string value in s_values)
        {
            var machine = new ConfigEnvironment(_ => value, (_, _) => throw new FileNotFoundException());
            foreach (string place in places)
            {
                var result = ConfigLoader.Parse(place, "g.yaml", environment: machine);
                string all = string.Join('\n', result.Errors) + EffectiveConfig.Write(result.Root);
                if (all.Contains(Mark, StringComparison.Ordinal)) shown.Add($"{value} at {place}: {all}");
            }
        }
        Assert.True(shown.Count == 0, string.Join('\n', shown.Take(20)));
    }

    /// <summary>Without these a section's reader would turn back before it has seen the others.</summary>
    private static readonly Dictionary<string, string> s_siblings = new(StringComparer.Ordinal)
    {
        ["name"] = "\"n\"",
        ["address"] = "\"127.0.0.1:0\"",
        ["url"] = "\"http://a\"",
        ["path"] = "\"/a\"",
        ["endpoints"] = "[\"http://a\"]",
        ["match"] = "{\"path\":\"/a\"}",
        ["to"] = "{\"mock\":{}}",
        ["location"] = "\"/b\"",
        ["upstream"] = "\"u\"",
    };

    /// <summary>JSON texts, each with the reference at one place.</summary>
    private static IEnumerable<string> PlacesOf(KeyTable table, int depth) =>
        table.Keys.Where(key => key.NotYet is null && key.Name != "include").SelectMany(key =>
        {
            var siblings = table.Keys.Where(each => each != key && each.NotYet is null && depth > 0)
                .Where(each => s_siblings.ContainsKey(each.Name))
                .Select(each => $",\"{each.Name}\":{s_siblings[each.Name]}");
            string rest = string.Concat(siblings);
            return PlacesOf(key.Shape, depth + 1).Select(inner => $"{{\"{key.Name}\":{inner}{rest}}}");
        });

    private static IEnumerable<string> PlacesOf(ValueShape shape, int depth)
    {
        const int deepest = 10;
        yield return "\"${X}\"";
        if (depth > deepest) yield break;
        var deeper = shape.Kind switch
        {
            ShapeKind.Section => PlacesOf(shape.Keys!, depth),
            ShapeKind.Map => PlacesOf(shape.Inner[0], depth + 1).Select(inner => $$"""{"x":{{inner}}}"""),
            // Twice, for what must be unique.
            ShapeKind.List => PlacesOf(shape.Inner[0], depth + 1).Select(inner => $"[{inner},{inner}]"),
            ShapeKind.Either => shape.Inner.SelectMany(each => PlacesOf(each, depth)),
            ShapeKind.Target => Targets.SelectMany(each =>
                PlacesOf(each.Keys, depth + 1).Prepend("\"${X}\"")
                    .Select(inner => $$"""{"{{each.Name}}":{{inner}}}""")),
            ShapeKind.Policy => ["""{"x":"${X}"}""", """{"headers":{"request":{"set":{"A":"${X}"}}}}"""],
            _ => [],
        };
        foreach (string each in deeper) yield return each;
    }

    private static IEnumerable<(string Name, KeyTable Keys)> Targets =>
        [("upstream", UpstreamTarget.Keys), ("redirect", RedirectTarget.Keys), ("mock", MockTarget.Keys)];
}

using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlane.Config;
using DataPlane.Config.Binding;
using DataPlane.Config.Schema;
using DataPlane.Config.Targets;

namespace DataPlane.Tests.Config;

/// <summary>docs/configuration.md says what the reader does.</summary>
public sealed class ConfigurationPageTests
{
    private static readonly string s_page = File.ReadAllText(Find());

    [Fact]
    public void EveryExample_LoadsWithoutErrors()
    {
        string[] examples = [.. Blocks("yaml")];
        Assert.InRange(examples.Length, 8, 100);
        Assert.All(examples, example => Assert.Empty(ConfigText.Load(example).Errors));
    }

    [Fact]
    public void JsonExample_LoadsWithoutErrors() =>
        Assert.All(Blocks("json"), example =>
        {
            JsonDocument.Parse(example).Dispose();
            Assert.Empty(ConfigText.Load(example).Errors);
        });

    [Fact]
    public void EveryKey_HasItsRowWithItsDefault()
    {
        var missing = new List<string>();
        Check(GatewayBinder.Keys, missing);
        Check(UpstreamTarget.Keys, missing);
        Check(SplitTarget.Keys, missing);
        Check(RedirectTarget.Keys, missing);
        Check(MockTarget.Keys, missing);
        Check(FunctionTarget.Keys, missing);
        Assert.Empty(missing);
    }

    private static void Check(KeyTable table, List<string> missing)
    {
        foreach (ConfigKey key in table.Keys)
        {
            string row = key.NotYet is not null ? $"`{key.Name}`"
                : key.Default is { Length: > 0 } standard && char.IsAsciiLetterOrDigit(standard[0])
                    ? $@"\| `{key.Name}` \|[^\n]*\| `{Regex.Escape(standard)}` \|"
                    : $@"\| `{key.Name}` \|";
            if (!Regex.IsMatch(s_page, row, RegexOptions.None, TimeSpan.FromSeconds(5))) missing.Add(row);
            Check(key.Shape, missing);
        }
    }

    private static void Check(ValueShape shape, List<string> missing)
    {
        if (shape.Keys is { } keys) Check(keys, missing);
        foreach (ValueShape inner in shape.Inner) Check(inner, missing);
    }

    private static IEnumerable<string> Blocks(string language)
    {
        string[] parts = s_page.Split("```" + language + "\n");
        return parts.Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]);
    }

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string page = Path.Combine(folder, "docs", "configuration.md");
            if (File.Exists(page)) return page;
        }
        throw new FileNotFoundException("docs/configuration.md is not above the tests");
    }
}

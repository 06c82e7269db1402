using System.Text.RegularExpressions;
using DataPlane.Config.Binding;
using DataPlane.Config.Policies;
using DataPlane.Config.Schema;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Config;

/// <summary>The pages of policies have each key, with its default and nothing that is no key.</summary>
public sealed class PolicyPagesTests
{
    [Fact]
    public void RateLimit_HasItsKeys() => Check("rate-limit", RateLimitConfig.Keys);

    [Fact]
    public void ConcurrencyLimit_HasItsKeys() => Check("concurrency-limit", ConcurrencyLimitConfig.Keys);

    [Fact]
    public void Cache_HasItsKeysAndThoseOfItsMemoryAndDisk() => Check(
        "cache", CacheConfig.Keys,
        new KeyTable([.. CacheBinder.Keys.Keys.Where(static key => key.Name != "disk")]),
        new KeyTable([.. CacheBinder.DiskKeys.Keys.Select(static key => key with { Name = "disk." + key.Name })]));

    private static void Check(string name, params KeyTable[] tables)
    {
        string page = Repository.Read($"docs/policies/{name}.md");
        var rows = Regex
            .Matches(
                page, @"^\| `(?<key>[\w.]+)` \| (?<default>[^|]*) \| ", RegexOptions.Multiline,
                TimeSpan.FromSeconds(1))
            .ToDictionary(
                row => row.Groups["key"].Value, row => row.Groups["default"].Value, StringComparer.Ordinal);
        ConfigKey[] keys = [.. tables.SelectMany(static table => table.Keys)];
        Assert.Equal(keys.Select(static key => key.Name).Order(), rows.Keys.Order());
        foreach (var key in keys)
        {
            string said = rows[key.Name];
            if (key.Required) Assert.Equal("required", said);
            else if (key.Default is { } standard) Assert.Equal($"`{standard}`", said);
            // What stands in place of a value is told in words.
            else Assert.DoesNotContain('`', said);
        }
    }
}

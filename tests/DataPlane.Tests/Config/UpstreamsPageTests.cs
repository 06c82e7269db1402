using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Config;

/// <summary>The examples of docs/upstreams.md are configurations.</summary>
public sealed class UpstreamsPageTests
{
    [Fact]
    public void EveryExample_LoadsWithoutErrors()
    {
        string[] examples = [.. Repository.Read("docs/upstreams.md").Split("```yaml\n").Skip(1)
            .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.InRange(examples.Length, 3, 100);
        Assert.All(examples, example => Assert.Empty(ConfigText.Load(example).Errors));
    }
}

using DataPlane.Config.Binding;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Config;

/// <summary>docs/limits.md leaves no limit out.</summary>
public sealed class LimitsPageTests
{
    [Fact]
    public void EveryKeyOfLimits_IsOnThePage_WithItsDefault()
    {
        string page = Repository.Read("docs/limits.md");
        Findings.AssertNone(LimitsBinder.Keys.Keys
            .Where(key => !page.Split('\n').Any(line =>
                line.Contains($"`{key.Name}`", StringComparison.Ordinal)
                    || line.Contains($"`limits.{key.Name}`", StringComparison.Ordinal))
                || !page.Contains($"`{key.Default}", StringComparison.Ordinal))
            .Select(key => key.Name));
    }
}

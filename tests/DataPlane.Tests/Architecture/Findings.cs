namespace DataPlane.Tests.Architecture;

/// <summary>What a rule found against it. Assert.Empty would cut the list short, and the list is the point.</summary>
internal static class Findings
{
    public static void AssertNone(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, $"{all.Count} found:\n" + string.Join('\n', all));
    }
}

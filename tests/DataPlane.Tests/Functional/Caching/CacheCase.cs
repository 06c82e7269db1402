using System.Text.Json;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>One declarative case: requests of a client, and what the upstream answers to each of them.</summary>
internal sealed record CacheCase(string Id, string Kind, IReadOnlyList<CacheStep> Steps)
{
    /// <summary>The cases for shared caches, in the order of the file.</summary>
    public static IEnumerable<CacheCase> Read(JsonDocument document)
    {
        foreach (var suite in document.RootElement.GetProperty("suites").EnumerateArray())
        {
            foreach (var test in suite.GetProperty("tests").EnumerateArray())
            {
                if (test.TryGetProperty("browser_only", out var only) && only.GetBoolean()) continue;
                string kind = test.TryGetProperty("kind", out var named) ? named.GetString()! : "required";
                var requests = test.GetProperty("requests").EnumerateArray();
                CacheStep[] steps = [.. requests.Select(each => new CacheStep(each))];
                yield return new CacheCase(test.GetProperty("id").GetString()!, kind, steps);
            }
        }
    }
}

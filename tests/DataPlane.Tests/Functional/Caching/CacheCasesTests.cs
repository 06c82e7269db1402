using System.Collections.Concurrent;
using DataPlane.Tests.Functional.Harness;
using Xunit.Abstractions;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>The public cases for HTTP caches, with the settings a route gets by writing <c>cache: {}</c>.</summary>
public sealed class CacheCasesTests(ITestOutputHelper output)
{
    /// <summary>What fails on purpose, each with the reason.</summary>
    private static readonly Dictionary<string, string> s_exceptions = new(StringComparer.Ordinal)
    {
        ["headers-store-Transfer-Encoding"] = "a coding nobody knows makes the upstream's answer malformed: 502",
        ["partial-store-partial-reuse-partial"] = "parts are not stored",
        ["partial-store-partial-reuse-partial-byterange"] = "parts are not stored",
        ["partial-store-partial-reuse-partial-absent"] = "parts are not stored",
        ["method-POST"] = "the answer to a POST is not stored",
        ["vary-normalise-lang-select"] = "Content-Language selects nothing",
        ["other-set-cookie"] = "a response with Set-Cookie is stored only where setCookie says so",
    };

    [Fact]
    public async Task PublicCases_PassButForTheExceptions()
    {
        if (!SharedCorpora.TryRead("http/cache-tests.json", out var document)) return;
        using var owned = document;
        await using var gateway = new MemoryGateway();
        gateway.Time.Advance(TimeSpan.FromDays(55 * 365));
        // What is fetched aside may come when the next case is on.
        var runs = new ConcurrentDictionary<string, CacheCaseRun>(StringComparer.Ordinal);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => runs[request.Field("Test-ID")!].AnswerAsync(request));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        var passed = new Dictionary<string, int>(StringComparer.Ordinal);
        var total = new Dictionary<string, int>(StringComparer.Ordinal);
        var unexpected = new List<string>();
        foreach (var test in CacheCase.Read(document))
        {
            var run = runs[test.Id] = new CacheCaseRun(gateway, test);
            await using var client = await gateway.ConnectAsync();
            string? fault = await run.PlayAsync(client);
            total[test.Kind] = total.GetValueOrDefault(test.Kind) + 1;
            if (fault is null) passed[test.Kind] = passed.GetValueOrDefault(test.Kind) + 1;
            else output.WriteLine($"{test.Kind} {test.Id}: {fault}");
            if (test.Kind != "check" && fault is not null != s_exceptions.ContainsKey(test.Id))
                unexpected.Add($"{test.Id}: {fault ?? "passes now"}");
        }
        foreach (string kind in total.Keys) output.WriteLine($"{kind}: {passed.GetValueOrDefault(kind)}/{total[kind]}");
        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
        Assert.True(passed["required"] >= total["required"] * 0.95);
        Assert.True(passed["optimal"] >= total["optimal"] * 0.80);
    }
}

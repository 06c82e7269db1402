using System.Net;
using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Vectors;

/// <summary>
/// A protected <c>/admin</c> and a public rest in front of one upstream: no request line that any naive server would
/// read as <c>/admin</c> may get past the protection.
/// </summary>
public sealed class PathBypassGatewayTests
{
    [Theory]
    [EveryWire]
    public async Task TargetsOfBypasses_NeverReachTheProtectedPath(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/path_bypass_targets.json", out var document)) return;
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - { match: { path: /admin }, to: { mock: { status: 401, body: key } } }
              - { match: { path: "/admin/{rest+}" }, to: { mock: { status: 401, body: key } } }
              - { match: { path: "/" }, to: { upstream: up } }
              - { match: { path: "/{path+}" }, to: { upstream: up } }
            """);
        var statuses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            string target = item.GetProperty("target").GetString()!;
            byte[] request = Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n");
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync(request);
            statuses[target] = (await client.ReadResponseAsync()).Status;
        }
        Assert.True(statuses.Count >= 52);
        Assert.All(statuses, pair => Assert.Contains(pair.Value, new[] { 200, 400, 401 }));
        Assert.Equal(401, statuses["/admin"]);
        Assert.Equal(401, statuses["//admin"]);
        Assert.Equal(401, statuses["/x/../admin"]);
        Assert.Equal(200, statuses["/admin.css"]);
        Assert.NotEmpty(upstream.Requests);
        Assert.Empty(upstream.Violations);
        foreach (byte[] request in upstream.Requests)
        {
            string path = Encoding.Latin1.GetString(request).Split(' ')[1].Split('?')[0];
            Assert.All(Readings(path), reading => Assert.False(IsAdmin(reading), $"{path} is read as {reading}"));
        }
    }

    private static bool IsAdmin(string path) =>
        path.Equals("/admin", StringComparison.Ordinal) || path.StartsWith("/admin/", StringComparison.Ordinal);

    /// <summary>How servers read a path: each of their habits, and decoding in front of each.</summary>
    private static IEnumerable<string> Readings(string path)
    {
        foreach (string one in new[] { path, WebUtility.UrlDecode(path) })
        {
            string withoutParameters = string.Join('/', one.Split('/').Select(segment => segment.Split(';')[0]));
            foreach (string variant in new[] { one, withoutParameters, one.Replace('\\', '/') })
            {
                yield return ResolveDots(variant);
                yield return MergeSlashes(ResolveDots(variant));
                yield return ResolveDots(MergeSlashes(variant));
            }
        }
    }

    private static string MergeSlashes(string path) =>
        "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private static string ResolveDots(string path)
    {
        var kept = new List<string>();
        foreach (string segment in path.Split('/').Skip(1))
        {
            if (segment == ".." && kept.Count > 0) kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("." or "..")) kept.Add(segment);
        }
        return "/" + string.Join('/', kept);
    }
}

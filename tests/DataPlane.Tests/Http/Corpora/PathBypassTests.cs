using System.Net;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Corpora;

/// <summary>A protected <c>/admin</c> and a public rest, matched on the canonical path, raw bytes forwarded: whatever
/// is forwarded as public must be public to every naive normaliser an upstream may have.</summary>
public sealed class PathBypassTests
{
    [Fact]
    public void PublicTargets_ArePublicToEveryUpstream()
    {
        if (!SharedCorpora.TryRead("http/path_bypass_targets.json", out var document))
            return;
        var verdicts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var target = item.GetProperty("target").GetString()!;
            var verdict = Decide(target, out var forwarded);
            verdicts[target] = verdict;
            if (verdict == "public")
                Assert.All(Readings(forwarded), reading => Assert.False(IsAdmin(reading), $"{target} -> {reading}"));
        }

        Assert.True(verdicts.Count >= 52);
        Assert.Equal("protected", verdicts["/x/../admin"]);
        Assert.Equal("protected", verdicts["/%61dmin"]);
        Assert.Equal("protected", verdicts["/admin;x.css"]);
        Assert.Equal("protected", verdicts["/admin?"]);
        Assert.Equal("refused", verdicts["/public/..;/admin"]);
        Assert.Equal("refused", verdicts["http://evil.test/admin"]);
        Assert.Equal("public", verdicts["/admin.css"]);
        Assert.Equal("public", verdicts["/public?x=/../admin"]);
    }

    /// <summary>As a route with default flags would: encoded slashes are not taken.</summary>
    private static string Decide(string target, out string forwarded)
    {
        forwarded = "";
        var bytes = Latin1.Bytes($"GET {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n");
        var head = new RequestHead();
        if (RequestHeadParser.Parse(bytes, head, HeadLimits.Default) != ParseStatus.Complete)
            return "refused";
        var raw = head.PathRange.Of(bytes);
        var canonical = new byte[raw.Length + 1];
        if (CanonicalPath.Write(raw, canonical, out var length, out var traits) != PathFault.None
            || (traits & PathTraits.EncodedSlash) != 0)
            return "refused";
        forwarded = Latin1.Text(raw);
        return IsAdmin(Latin1.Text(canonical.AsSpan(0, length))) ? "protected" : "public";
    }

    private static bool IsAdmin(string path) =>
        path == "/admin" || path.StartsWith("/admin/", StringComparison.Ordinal);

    private static IEnumerable<string> Readings(string path)
    {
        var decoded = WebUtility.UrlDecode(path);
        var stripped = string.Join('/', path.Split('/').Select(segment => segment.Split(';')[0]));
        foreach (var reading in new[] { path, decoded, stripped, path.Replace('\\', '/'), decoded.Replace('\\', '/') })
        {
            yield return RemoveDots(reading);
            yield return RemoveDots(Merge(reading));
            yield return Merge(RemoveDots(reading));
        }
    }

    private static string Merge(string path) =>
        "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private static string RemoveDots(string path)
    {
        var kept = new Stack<string>();
        foreach (var segment in path.Split('/').Skip(1))
        {
            if (segment == "..")
                kept.TryPop(out _);
            else if (segment != ".")
                kept.Push(segment);
        }

        return "/" + string.Join('/', kept.Reverse());
    }
}

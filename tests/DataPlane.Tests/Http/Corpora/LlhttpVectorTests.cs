using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlane.Tests.Http.Corpora;

/// <summary>llhttp's own tests. Expected: what llhttp refuses when strict, we refuse; what it takes, we take; and its
/// lenient vectors, which exist because strict llhttp refuses them, we refuse too.</summary>
public sealed class LlhttpVectorTests
{
    private const string File = "http/h1_llhttp_vectors.json";

    [Fact]
    public void Requests_AreTakenAndRefusedAsListed() => CheckAll(
        "request", bytes => MessageReader.RefusalOfRequests(AddHost(bytes)), LlhttpDifferences.Requests, atLeast: 120);

    [Fact]
    public void Responses_AreTakenAndRefusedAsListed() => CheckAll(
        "response", bytes => MessageReader.RefusalOfResponses(bytes), LlhttpDifferences.Responses, atLeast: 60);

    /// <summary>Bare targets. llhttp only splits them; whether a request may carry them is decided here.</summary>
    [Fact]
    public void Targets_AreTakenUnlessTheyHaveAFragmentUserOrZone()
    {
        if (!SharedCorpora.TryRead(File, out var document))
            return;
        var count = 0;
        foreach (var item in Items(document).Where(item => TypeOf(item) is null))
        {
            var target = Latin1.Text(item.ReadBytes("input")).TrimEnd('\n', '\r');
            var isRefused = target.Any(c => c is '#' or '@' or '\t' or '\f')
                || target.Contains("[fe80::a%", StringComparison.Ordinal)
                || target.StartsWith("schema:", StringComparison.Ordinal);
            var ours = MessageReader.RefusalOfRequests(AddHost(Latin1.Bytes($"GET {target} HTTP/1.1\r\n\r\n")));
            Assert.True(isRefused == ours is not null, $"{target}: {ours}");
            count++;
        }

        Assert.True(count > 15);
    }

    private static void CheckAll(
        string kind,
        Func<byte[], string?> refusalOf,
        Dictionary<string, (string? Ours, string Reason)> differences,
        int atLeast)
    {
        if (!SharedCorpora.TryRead(File, out var document))
            return;
        var unused = new HashSet<string>(differences.Keys, StringComparer.Ordinal);
        var failures = new List<string>();
        var count = 0;
        foreach (var item in Items(document))
        {
            if (TypeOf(item)?.StartsWith(kind, StringComparison.Ordinal) != true)
                continue;
            count++;
            var section = item.GetProperty("section").GetString()!.Split(" / ")[^1];
            var ours = refusalOf(item.ReadBytes("input"));
            if (IsRefusedByStrictLlhttp(item) == ours is not null)
                continue;
            unused.Remove(section);
            if (!differences.TryGetValue(section, out var difference) || difference.Ours != ours)
                failures.Add($"{section}: {ours ?? "accepted"}");
        }

        Assert.Empty(failures);
        Assert.Empty(unused);
        Assert.True(count >= atLeast, $"only {count} vectors of type {kind}");
    }

    /// <summary>llhttp reports an upgrade as an error of its own; it means that HTTP went well until there.</summary>
    private static bool IsRefusedByStrictLlhttp(JsonElement item)
    {
        var error = item.GetProperty("expect_error");
        if (TypeOf(item)!.Contains("lenient", StringComparison.Ordinal))
            return true;
        return error.ValueKind != JsonValueKind.Null
            && (error.GetProperty("reason").GetString() != "Pause on CONNECT/Upgrade"
                || Latin1.Text(item.ReadBytes("input")).StartsWith("CONNECT ", StringComparison.Ordinal));
    }

    private static JsonElement.ArrayEnumerator Items(JsonDocument document) =>
        document.RootElement.GetProperty("items").EnumerateArray();

    private static string? TypeOf(JsonElement item) =>
        item.GetProperty("meta").TryGetProperty("type", out var type) ? type.GetString() : null;

    /// <summary>Most of the requests have no Host, which llhttp does not miss: give them one, or their own point would
    /// stay untested.</summary>
    private static byte[] AddHost(byte[] bytes) => Latin1.Bytes(Regex.Replace(
        Latin1.Text(bytes),
        @"(?<line>^[^ \r\n]+ (?:https?://)?(?<host>[^ /?\r\n]*)[^ \r\n]* HTTP/1\.1\r\n)(?<fields>(?:[^\r\n]+\r\n)*)",
        match =>
        {
            var line = match.Groups["line"].Value;
            var fields = match.Groups["fields"].Value;
            if (("\n" + fields).Contains("\nhost:", StringComparison.OrdinalIgnoreCase))
                return match.Value;
            var isAbsolute = line.Split(' ')[1].StartsWith("http", StringComparison.OrdinalIgnoreCase);
            return $"{line}Host: {(isAbsolute ? match.Groups["host"].Value : "a")}\r\n{fields}";
        },
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        TimeSpan.FromSeconds(5)));
}

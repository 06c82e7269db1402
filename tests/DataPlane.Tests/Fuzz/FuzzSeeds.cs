using System.Text.Json;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Corpora;

namespace DataPlane.Tests.Fuzz;

/// <summary>What the fuzzers start from: a few of our own, and the shared vectors where they are.</summary>
internal static class FuzzSeeds
{
    private static readonly string[] s_requests =
    [
        "GET /a/b?c=d HTTP/1.1\r\nHost: a.b:80\r\nAccept: */*\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\n\r\n",
        "POST http://a/%41 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n" +
            "5;a=\"b\"\r\nhello\r\n0\r\nx: y\r\n\r\n",
        "PUT / HTTP/1.0\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\nhello, there",
        "OPTIONS * HTTP/1.1\r\nhost:[::1]\r\nUpgrade: h\r\nConnection: upgrade\r\n\r\n",
        "\r\nHEAD /x;y/%2e%2E/z HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    ];

    private static readonly string[] s_responses =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\nServer: x\r\n\r\nhello",
        "HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b; c\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "HTTP/1.0 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ];

    public static IReadOnlyList<byte[]> Requests { get; } =
    [
        .. s_requests.Select(Latin1.Bytes),
        .. Shared("http/h1_llhttp_vectors.json", item => IsOf(item, "request"), "input"),
        .. Shared("http/h1_chunk_terminator_pairs.json", _ => true, "forward"),
        .. Shared("http/h1_kestrel_parsing_data.json", _ => true, "text"),
    ];

    public static IReadOnlyList<byte[]> Responses { get; } =
    [
        .. s_responses.Select(Latin1.Bytes),
        .. Shared("http/h1_llhttp_vectors.json", item => IsOf(item, "response"), "input"),
    ];

    /// <summary>Bodies of the chunked requests.</summary>
    public static IReadOnlyList<byte[]> Chunks { get; } =
    [
        .. Requests.Select(bytes => Latin1.Text(bytes))
            .Where(text => text.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            .Select(text => text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])
            .Where(body => body.Length > 0).Distinct(StringComparer.Ordinal).Select(Latin1.Bytes),
    ];

    public static IReadOnlyList<byte[]> Targets { get; } =
    [
        "/a/b"u8.ToArray(), "/a/./b/../c;x=1/%2e%2e//d"u8.ToArray(), "/%c3%a9/%41"u8.ToArray(),
        .. SharedCorpora.TryRead("http/path_bypass_targets.json", out var document)
            ? document.RootElement.GetProperty("items").EnumerateArray()
                .Select(item => Latin1.Bytes(item.GetProperty("target").GetString()!))
            : [],
    ];

    private static IEnumerable<byte[]> Shared(string file, Func<JsonElement, bool> fits, string member) =>
        SharedCorpora.TryRead(file, out var document)
            ? document.RootElement.GetProperty("items").EnumerateArray().Where(fits)
                .Select(item => item.ReadBytes(member)).Where(bytes => bytes.Length is > 0 and < 8192)
            : [];

    private static bool IsOf(JsonElement item, string type) =>
        item.GetProperty("meta").TryGetProperty("type", out var value)
        && value.GetString()!.StartsWith(type, StringComparison.Ordinal);
}

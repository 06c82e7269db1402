using System.Text.Json;

namespace DataPlane.Tests.Http.Corpora;

/// <summary>Header permutations and chunk terminators with which scanners look for two parsers that disagree.</summary>
public sealed class SmugglingVectorTests
{
    /// <summary>Lines that contain no framing field at all, so that the other length header stands alone.</summary>
    private static readonly string[] s_withoutTransferEncoding = ["TE/contentEnc", "TE/encode"];

    /// <summary>One clean Transfer-Encoding: chunked, in spellings the grammar allows.</summary>
    private static readonly string[] s_cleanChunked =
    [
        "TE/vanilla", "TE/valueprefix1", "TE/nospace1", "TE/multiCase", "TE/UPPERCASE", "TE/connection",
        "TE/tabsuffix", "TE/spacefix1:9", "TE/prefix1:9", "TE/suffix1:9",
    ];

    private static readonly string[] s_cleanLength = ["CL/CL-pad", "CL/CL-bigpad", "CL/CL-expect"];

    [Fact]
    public void PermutationsWithBothLengths_AreRefused() => CheckAll((id, isEncoding, lines) =>
    {
        var other = isEncoding ? "Content-Length: 5" : "Transfer-Encoding: chunked";
        var before = Refusal($"{lines}\r\n{other}");
        var after = Refusal($"{other}\r\n{lines}");
        var isTaken = s_withoutTransferEncoding.Contains(id, StringComparer.Ordinal);
        return isTaken == before is null && isTaken == after is null;
    });

    [Fact]
    public void PermutationsAlone_AreTakenOnlyWhenClean() => CheckAll((id, _, lines) =>
        (s_withoutTransferEncoding.Contains(id, StringComparer.Ordinal)
            || s_cleanChunked.Contains(id, StringComparer.Ordinal)
            || s_cleanLength.Contains(id, StringComparer.Ordinal)) == Refusal(lines) is null);

    [Fact]
    public void ChunkTerminators_AreRefusedUnlessTheBodyIsEmpty()
    {
        if (!SharedCorpora.TryRead("http/h1_chunk_terminator_pairs.json", out var document))
            return;
        var count = 0;
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var inverted = item.ReadBytes("inverted");
            var isEmpty = Latin1.Text(inverted).EndsWith("\r\n\r\n0\r\n\r\n", StringComparison.Ordinal);
            Assert.NotNull(MessageReader.RefusalOfRequests(item.ReadBytes("forward")));
            Assert.Equal(isEmpty, MessageReader.RefusalOfRequests(inverted) is null);
            count++;
        }

        Assert.True(count >= 26);
    }

    private static void CheckAll(Func<string, bool, string, bool> isAsExpected)
    {
        if (!SharedCorpora.TryRead("http/h1_portswigger_permutations.json", out var document))
            return;
        var failures = new List<string>();
        var count = 0;
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var id = item.GetProperty("id").GetString()!;
            var isEncoding = item.GetProperty("header").GetString() == "Transfer-Encoding";
            var lines = Latin1.Text(item.ReadBytes("lines"));
            if (!isEncoding)
                lines = lines.Replace("N", "5", StringComparison.Ordinal);
            if (!isAsExpected(id, isEncoding, lines))
                failures.Add(id);
            count++;
        }

        Assert.Empty(failures);
        Assert.True(count >= 82);
    }

    private static string? Refusal(string lines) =>
        MessageReader.RefusalOfRequests(Latin1.Bytes($"POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n"));
}

using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http.Responses;

/// <summary>Everything a parse says, as one comparable text.</summary>
internal sealed record ResponseVerdict(ParseStatus Status, ResponseFault Fault, string Description)
{
    /// <summary>Parses at once, then fed at every split and byte by byte, and demands the same verdict each
    /// time.</summary>
    public static ResponseVerdict Of(
        string head, RequestMethod method = RequestMethod.Get, HeadLimits? limits = null)
    {
        var bytes = Latin1.Bytes(head);
        var whole = Parse(bytes, method, [], limits ?? HeadLimits.Default);
        for (var split = 0; split < bytes.Length; split++)
            Assert.Equal(whole, Parse(bytes, method, [split], limits ?? HeadLimits.Default));
        var all = Enumerable.Range(0, bytes.Length);
        Assert.Equal(whole, Parse(bytes, method, all, limits ?? HeadLimits.Default));
        return whole;
    }

    public static ResponseVerdict Parse(byte[] bytes, RequestMethod method, IEnumerable<int> splits, HeadLimits limits)
    {
        var head = new ResponseHead();
        foreach (var split in splits)
            ResponseHeadParser.Parse(bytes.AsSpan(0, split), head, method, limits);
        var status = ResponseHeadParser.Parse(bytes, head, method, limits);
        return new ResponseVerdict(
            status, head.Fault, status == ParseStatus.Complete ? Describe(bytes, head) : "");
    }

    private static string Describe(byte[] bytes, ResponseHead head)
    {
        var lines = new List<string>
        {
            $"1.{head.VersionMinor} {head.StatusCode} [{Text(head.ReasonRange)}]",
            $"{head.Framing} {head.HasContentLength} {head.ContentLength} {head.KeepAlive} {head.HeadLength}",
        };
        foreach (var field in head.Fields)
            lines.Add($"{field.Known} {Text(field.NameRange)}={Text(field.ValueRange)} hop={field.HopByHop}");
        return string.Join('\n', lines);

        string Text(ByteRange range) => Latin1.Text(range.Of(bytes));
    }
}

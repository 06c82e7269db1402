using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

/// <summary>Everything a parse says, as one comparable text.</summary>
internal sealed record RequestVerdict(ParseStatus Status, RequestFault Fault, string Description)
{
    /// <summary>Parses at once, then fed at every split and byte by byte, and demands the same verdict each
    /// time.</summary>
    public static RequestVerdict Of(string head, HeadLimits? limits = null)
    {
        var bytes = Latin1.Bytes(head);
        var whole = Parse(bytes, [], limits ?? HeadLimits.Default);
        for (var split = 0; split < bytes.Length; split++)
            Assert.Equal(whole, Parse(bytes, [split], limits ?? HeadLimits.Default));
        Assert.Equal(whole, Parse(bytes, Enumerable.Range(0, bytes.Length), limits ?? HeadLimits.Default));
        return whole;
    }

    public static RequestVerdict Parse(byte[] bytes, IEnumerable<int> splits, HeadLimits limits)
    {
        var head = new RequestHead();
        foreach (var split in splits)
            RequestHeadParser.Parse(bytes.AsSpan(0, split), head, limits);
        var status = RequestHeadParser.Parse(bytes, head, limits);
        var description = status == ParseStatus.Complete ? Describe(bytes, head) : "";
        return new RequestVerdict(status, head.Fault, description);
    }

    private static string Describe(byte[] bytes, RequestHead head)
    {
        var lines = new List<string>
        {
            $"{head.Method} {Text(head.MethodRange)} {head.Form} {Text(head.TargetRange)} path={Text(head.PathRange)}",
            $"query={(head.HasQuery ? Text(head.QueryRange) : "none")} minor={head.VersionMinor}",
            $"host={Text(head.HostRange)} name={Text(head.HostNameRange)} port={head.HostPort}",
            $"{head.Framing} {head.ContentLength} keepAlive={head.KeepAlive} expect={head.ExpectContinue}",
            $"upgrade={head.HasUpgrade} length={head.HeadLength}",
        };
        foreach (var field in head.Fields)
            lines.Add($"{field.Known} {Text(field.NameRange)}={Text(field.ValueRange)} hop={field.HopByHop}");
        return string.Join('\n', lines);

        string Text(ByteRange range) => Latin1.Text(range.Of(bytes));
    }
}

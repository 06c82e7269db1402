using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Corpora;

/// <summary>Kestrel's invalid requests: all refused, at the head or, for an encoded NUL, when the path is made
/// canonical. 505 is ours only for a well-formed version (RFC 9110 15.6.6); Kestrel gives it to anything.</summary>
public sealed class KestrelVectorTests
{
    [Fact]
    public void InvalidRequests_AreRefused()
    {
        if (!SharedCorpora.TryRead("http/h1_kestrel_parsing_data.json", out var document))
            return;
        var failures = new List<string>();
        var count = 0;
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var set = item.GetProperty("set").GetString()!;
            var text = Latin1.Text(item.ReadBytes("text"));
            var status = StatusOf(Request(set, text));
            var expected = set != "UnrecognizedHttpVersionData" || text is not ("HTTP/1.2" or "HTTP/3.0") ? 400 : 505;
            if (status != expected)
                failures.Add($"{set} {text}: {status}");
            count++;
        }

        Assert.Empty(failures);
        Assert.True(count >= 98);
    }

    private static string Request(string set, string text) => set switch
    {
        "RequestLineInvalidData" => text + "Host: a\r\n\r\n",
        "MethodWithNonTokenCharData" => text + " / HTTP/1.1\r\nHost: a\r\n\r\n",
        "TargetWithEncodedNullCharData" or "TargetWithNullCharData" => $"GET {text} HTTP/1.1\r\nHost: a\r\n\r\n",
        "UnrecognizedHttpVersionData" => $"GET / {text}\r\nHost: a\r\n\r\n",
        "RequestHeaderInvalidData" => $"GET / HTTP/1.1\r\nHost: a\r\n{text}\r\n\r\n",
        _ => throw new InvalidOperationException($"a set the test does not know: {set}"),
    };

    private static int StatusOf(string request)
    {
        var bytes = Latin1.Bytes(request);
        var head = new RequestHead();
        if (RequestHeadParser.Parse(bytes, head, HeadLimits.Default) == ParseStatus.Invalid)
            return RequestFaults.StatusCode(head.Fault);
        var path = head.PathRange.Of(bytes);
        return CanonicalPath.Write(path, new byte[path.Length + 1], out _, out _) == PathFault.None ? 200 : 400;
    }
}

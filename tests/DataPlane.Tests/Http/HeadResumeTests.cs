using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http;

/// <summary>A slow client must not make us read its bytes again and again. After every call all bytes given are counted
/// as looked at, but for the few of a line's end, and to prove that they are, the test overwrites them with a byte that
/// any second look would refuse.</summary>
public sealed class HeadResumeTests
{
    private const byte Poison = 0;

    [Theory]
    [InlineData("M", 30, " / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /", 7000, " HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nn", 7000, ": v\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nn: v", 7000, "\r\n\r\n")]
    public void RequestBytes_AreLookedAtOnce(string start, int run, string end)
    {
        var bytes = Latin1.Bytes(start + new string('x', run) + end);
        var head = new RequestHead();
        var limits = HeadLimits.Default;
        for (var length = 1; length < start.Length + run; length++)
        {
            Assert.Equal(ParseStatus.Incomplete, RequestHeadParser.Parse(bytes.AsSpan(0, length), head, limits));
            if (length <= start.Length)
                continue;
            Assert.Equal(length, head.Section.Scanned);
            bytes[length - 1] = Poison;
        }

        // The target is read once more, as a whole, when its line has ended: give it back.
        bytes.AsSpan(start.Length, run).Replace(Poison, (byte)'x');
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(bytes, head, limits));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 o", 7000, "\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nn: v", 7000, "\r\n\r\n")]
    public void ResponseBytes_AreLookedAtOnce(string start, int run, string end)
    {
        var bytes = Latin1.Bytes(start + new string('x', run) + end);
        var head = new ResponseHead();
        var limits = HeadLimits.Default;
        for (var length = 1; length < start.Length + run; length++)
        {
            var given = bytes.AsSpan(0, length);
            Assert.Equal(ParseStatus.Incomplete, ResponseHeadParser.Parse(given, head, RequestMethod.Get, limits));
            if (length <= start.Length)
                continue;
            Assert.Equal(length, head.Section.Scanned);
            bytes[length - 1] = Poison;
        }

        Assert.Equal(ParseStatus.Complete, ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, limits));
    }

    [Fact]
    public void FinishedLines_AreNotReadAgain()
    {
        var lines = string.Concat(Enumerable.Range(0, 90).Select(i => $"name-{i}: value\r\n"));
        var bytes = Latin1.Bytes($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
        var head = new RequestHead();
        for (var length = 1; length < bytes.Length; length++)
        {
            RequestHeadParser.Parse(bytes.AsSpan(0, length), head, HeadLimits.Default);
            bytes.AsSpan(0, head.Section.LineStart).Clear();
        }

        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(bytes, head, HeadLimits.Default));
        Assert.Equal(91, head.FieldCount);
    }
}

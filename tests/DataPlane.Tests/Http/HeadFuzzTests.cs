using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http;

/// <summary>Mutated messages, from a fixed seed: nothing throws, nothing is read outside the bytes, whatever is taken
/// keeps every promise, and no split changes the verdict.</summary>
public sealed class HeadFuzzTests
{
    private const int Rounds = 30_000;

    private static readonly string[] s_requests =
    [
        "GET /a/b?c=d HTTP/1.1\r\nHost: a.b:80\r\nAccept: */*\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\n\r\n",
        "POST http://a/%41 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        "PUT / HTTP/1.0\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost:[::1]\r\nUpgrade: h\r\nConnection: upgrade\r\n\r\n",
    ];

    private static readonly string[] s_responses =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\nServer: x\r\n\r\n",
        "HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b; c\r\n\r\n",
        "HTTP/1.0 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    ];

    private static readonly string[] s_bodies =
    [
        "5;a=\"b\"\r\nhello\r\n0\r\nx: y\r\n\r\n",
        "a\r\n0123456789\r\n1\r\n-\r\n0\r\n\r\n",
    ];

    private static readonly string[] s_tokens =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "%", "%2e", "#", "\u0080", "\u00ff", "\u007f", "chunked",
        "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "0", "9", "HTTP/1.1", "..", "/",
    ];

    [Fact]
    public void MutatedRequests_KeepEveryPromise()
    {
        var random = new Random(20260711);
        var head = new RequestHead();
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(random, s_requests);
            head.Reset();
            var split = random.Next(bytes.Length + 1);
            RequestHeadParser.Parse(bytes.AsSpan(0, split), head, HeadLimits.Default);
            var status = RequestHeadParser.Parse(bytes, head, HeadLimits.Default);
            var fault = head.Fault;
            head.Reset();
            Assert.Equal(status, RequestHeadParser.Parse(bytes, head, HeadLimits.Default));
            Assert.Equal(fault, head.Fault);
            Assert.Equal(status == ParseStatus.Invalid, fault != RequestFault.None);
            if (status == ParseStatus.Complete)
            {
                AssertKeepsPromises(bytes, head);
                taken++;
            }
        }

        Assert.InRange(taken, Rounds / 50, Rounds);
    }

    [Fact]
    public void MutatedResponses_KeepEveryPromise()
    {
        var random = new Random(20260712);
        var head = new ResponseHead();
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(random, s_responses);
            head.Reset();
            var split = random.Next(bytes.Length + 1);
            ResponseHeadParser.Parse(bytes.AsSpan(0, split), head, RequestMethod.Get, HeadLimits.Default);
            var status = ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, HeadLimits.Default);
            var fault = head.Fault;
            head.Reset();
            Assert.Equal(status, ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, HeadLimits.Default));
            Assert.Equal(fault, head.Fault);
            if (status != ParseStatus.Complete)
                continue;
            taken++;
            AssertFields(bytes, head.HeadLength, head.Fields);
            AssertClean(bytes, head.ReasonRange);
            Assert.InRange(head.StatusCode, 100, 999);
            Assert.False(head.Framing == BodyFraming.UntilClose && head.KeepAlive);
            Assert.Equal(head.Framing == BodyFraming.None, head.StatusCode is < 200 or 204 or 304);
        }

        Assert.InRange(taken, Rounds / 50, Rounds);
    }

    [Fact]
    public void MutatedBodies_GiveOneAnswerForEverySplit()
    {
        var random = new Random(20260713);
        var ended = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(random, s_bodies);
            var whole = Bodies.ChunkVerdict.Read(bytes, [bytes.Length], new ChunkedDecoder(100, 3, 30));
            var split = random.Next(bytes.Length + 1);
            Assert.Equal(
                whole, Bodies.ChunkVerdict.Read(bytes, [split, bytes.Length], new ChunkedDecoder(100, 3, 30)));
            ended += whole.Status == ChunkStatus.End ? 1 : 0;
        }

        Assert.InRange(ended, Rounds / 50, Rounds);
    }

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(20260714);
        var request = new RequestHead();
        var response = new ResponseHead();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            request.Reset();
            response.Reset();
            Assert.NotEqual(ParseStatus.Complete, RequestHeadParser.Parse(bytes, request, HeadLimits.Default));
            Assert.NotEqual(
                ParseStatus.Complete, ResponseHeadParser.Parse(bytes, response, RequestMethod.Get, HeadLimits.Default));
            if (HostName.TrySplit(bytes, out var host, out _))
                Assert.InRange(host.End, 1, bytes.Length);
            if (CanonicalPath.Write(bytes, new byte[bytes.Length + 1], out var length, out _) == PathFault.None)
                Assert.InRange(length, 1, bytes.Length + 1);
        }
    }

    private static byte[] Mutate(Random random, string[] seeds)
    {
        var text = seeds[random.Next(seeds.Length)];
        for (var edits = random.Next(4); edits >= 0; edits--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(5) switch
            {
                0 => text.Insert(at, s_tokens[random.Next(s_tokens.Length)]),
                1 => text.Insert(at, ((char)random.Next(256)).ToString()),
                2 => text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at)),
                3 when at < text.Length => text[..at] + (char)random.Next(256) + text[(at + 1)..],
                _ => text,
            };
        }

        return Latin1.Bytes(text);
    }

    private static void AssertKeepsPromises(byte[] bytes, RequestHead head)
    {
        AssertFields(bytes, head.HeadLength, head.Fields);
        AssertClean(bytes, head.MethodRange);
        AssertClean(bytes, head.TargetRange);
        AssertClean(bytes, head.PathRange);
        AssertClean(bytes, head.QueryRange);
        AssertClean(bytes, head.HostRange);
        Assert.False(head.TargetRange.IsEmpty);
        Assert.NotEqual(TargetForm.Authority, head.Form);
        Assert.InRange(head.VersionMinor, 0, 1);
        Assert.True(head.VersionMinor == 0 || !head.HostNameRange.IsEmpty);

        // An oracle of its own: the head's text, cut at CRLF and at the first colon.
        var lines = Latin1.Text(bytes.AsSpan(0, head.HeadLength)).TrimStart('\r', '\n').Split("\r\n")[1..^2];
        Assert.Equal(lines.Length, head.FieldCount);
        var names = lines.Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant());
        var lengths = names.Count(name => name == "content-length");
        var codings = names.Count(name => name == "transfer-encoding");
        Assert.True(lengths == 0 || codings == 0);
        var expected = codings > 0 ? BodyFraming.Chunked : lengths > 0 ? BodyFraming.Length : BodyFraming.None;
        Assert.Equal(expected, head.Framing);
        Assert.InRange(names.Count(name => name == "host"), head.VersionMinor, 1);
    }

    private static void AssertFields(byte[] bytes, int headLength, ReadOnlySpan<HeaderField> fields)
    {
        Assert.Equal("\r\n\r\n", Latin1.Text(bytes.AsSpan(headLength - 4, 4)));
        var end = 0;
        foreach (ref readonly var field in fields)
        {
            Assert.True(field.NameStart >= end && field.NameLength > 0);
            Assert.True(field.ValueStart > field.NameStart + field.NameLength);
            end = field.ValueStart + field.ValueLength;
            Assert.True(end <= headLength - 4);
            AssertClean(bytes, field.NameRange);
            AssertClean(bytes, field.ValueRange);
            Assert.Equal((byte)':', bytes[field.NameStart + field.NameLength]);
            Assert.Equal(KnownHeaders.Identify(field.Name(bytes)), field.Known);
        }
    }

    private static void AssertClean(byte[] bytes, ByteRange range) =>
        Assert.False(range.Of(bytes).ContainsAny("\r\n\0"u8));
}

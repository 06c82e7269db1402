using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Responses;

namespace DataPlane.Tests.Fuzz;

/// <summary>Responses of upstreams nobody should trust more than clients.</summary>
public sealed class ResponseHeadFuzzTests
{
    [Fact]
    public void Verdict_IsTheSameForEverySplit() => FuzzRun.Check(
        FuzzSeeds.Responses,
        Mutation.Http,
        bytes =>
        {
            var whole = ResponseVerdict.Parse(bytes, RequestMethod.Get, [], HeadLimits.Default);
            var random = new Random(bytes.Length);
            var splits = Enumerable.Range(0, 5).Select(_ => random.Next(bytes.Length + 1)).Order();
            Assert.Equal(whole, ResponseVerdict.Parse(bytes, RequestMethod.Get, splits, HeadLimits.Default));
            return whole.Status == ParseStatus.Complete;
        },
        takenOneIn: 200);

    [Fact]
    public void TakenHead_HasOneFramingAndCleanLines() => FuzzRun.Check(
        FuzzSeeds.Responses,
        Mutation.Http,
        bytes =>
        {
            var head = new ResponseHead();
            if (ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, HeadLimits.Default) != ParseStatus.Complete)
                return false;
            string text = Latin1.Text(bytes.AsSpan(0, head.HeadLength));
            Assert.EndsWith("\r\n\r\n", text, StringComparison.Ordinal);
            string[] lines = text.TrimStart('\r', '\n').Split("\r\n")[..^2];
            Assert.All(lines, line => Assert.DoesNotContain(line, one => one is '\r' or '\n' or '\0'));
            Assert.Equal(lines.Length - 1, head.FieldCount);
            var names = lines.Skip(1).Select(line => line.Split(':')[0].ToLowerInvariant()).ToList();
            Assert.False(names.Contains("content-length") && names.Contains("transfer-encoding"));
            Assert.InRange(names.Count(name => name == "transfer-encoding"), 0, 1);
            Assert.All(names, name => Assert.DoesNotContain(name, one => one is <= ' ' or > '~'));
            bool hasBody = head.StatusCode is not (< 200 or 204 or 304);
            bool isChunked = hasBody && names.Contains("transfer-encoding");
            Assert.Equal(isChunked, head.Framing == BodyFraming.Chunked);
            Assert.Equal(hasBody && names.Contains("content-length"), head.Framing == BodyFraming.Length);
            return true;
        },
        takenOneIn: 200);
}

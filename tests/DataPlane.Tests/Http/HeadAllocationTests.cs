using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http;

public sealed class HeadAllocationTests
{
    private const int Rounds = 1000;

    private static readonly byte[] s_request = Latin1.Bytes(
        "GET /api/v1/users/42/orders?limit=20&after=abc HTTP/1.1\r\nHost: api.example.com\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
        + "Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate, br\r\n"
        + "Accept-Language: en-GB,en;q=0.9\r\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\r\n"
        + "Cookie: session=0123456789abcdef\r\nX-Request-Id: 7f3c\r\n"
        + "Connection: keep-alive, x-own\r\nX-Own: 1\r\n\r\n");

    private static readonly byte[] s_response = Latin1.Bytes(
        "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\nContent-Type: application/json\r\n"
        + "Content-Length: 128\r\nETag: \"abc\"\r\nVary: Accept-Encoding\r\nX_Own: 1\r\n\r\n");

    [Fact]
    public void ParsingARequest_AllocatesNothing()
    {
        Assert.InRange(s_request.Length, 400, 500);
        var head = new RequestHead();
        var limits = HeadLimits.Default;
        AssertAllocatesNothing(() =>
        {
            head.Reset();
            RequestHeadParser.Parse(s_request.AsSpan(0, 100), head, limits);
            return RequestHeadParser.Parse(s_request, head, limits) == ParseStatus.Complete;
        });
    }

    [Fact]
    public void ParsingAResponse_AllocatesNothing()
    {
        var head = new ResponseHead();
        var limits = HeadLimits.Default;
        AssertAllocatesNothing(() =>
        {
            head.Reset();
            return ResponseHeadParser.Parse(s_response, head, RequestMethod.Get, limits) == ParseStatus.Complete;
        });
    }

    [Fact]
    public void RefusingARequest_AllocatesNothing()
    {
        var head = new RequestHead();
        var limits = HeadLimits.Default;
        var bytes = Latin1.Bytes("GET / HTTP/1.1\r\nHost: a\r\na : b\r\n\r\n");
        AssertAllocatesNothing(() =>
        {
            head.Reset();
            return RequestHeadParser.Parse(bytes, head, limits) == ParseStatus.Invalid
                && RequestFaults.StatusCode(head.Fault) == 400
                && RequestFaults.Detail(head.Fault).Length > 0
                && RequestFaults.MetricLabel(head.Fault).Length > 0
                && RequestFaults.Title(head.Fault).Length > 0;
        });
    }

    [Fact]
    public void CanonicalPath_AllocatesNothing()
    {
        var plain = Latin1.Bytes("/api/v1/users/42/orders");
        var encoded = Latin1.Bytes("/a/%7euser;x=1/../%c3%a9//b");
        var destination = new byte[100];
        AssertAllocatesNothing(() =>
            CanonicalPath.Write(plain, destination, out _, out _) == PathFault.None
            && CanonicalPath.Write(encoded, destination, out _, out _) == PathFault.None);
    }

    [Fact]
    public void DecodingChunks_AllocatesNothing()
    {
        var body = Latin1.Bytes("5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n");
        AssertAllocatesNothing(() =>
        {
            var decoder = new ChunkedDecoder(100, 4, 20);
            var isData = decoder.Read(body, out var consumed, out _) == ChunkStatus.Data;
            return isData && decoder.Read(body.AsSpan(consumed), out _, out _) == ChunkStatus.End;
        });
    }

    private static void AssertAllocatesNothing(Func<bool> work)
    {
        for (var round = 0; round < Rounds; round++)
            Assert.True(work());
        var isRight = true;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
            isRight &= work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(isRight);
    }
}

using System.Text;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Signing;

namespace DataPlane.Tests.Lambda.Signing;

/// <summary>The parts of a canonical request, one by one.</summary>
public sealed class RequestSignerTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/b/", "/a/b/")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../../b", "/b")]
    [InlineData("/a/b/..", "/a")]
    [InlineData("/../", "/")]
    [InlineData("/a%2Fb", "/a%252Fb")]
    [InlineData("/arn%3Aaws", "/arn%253Aaws")]
    [InlineData("/a:b", "/a%3Ab")]
    [InlineData("/%2e%2e/a", "/%252e%252e/a")]
    public void Path_IsNormalizedAndEscapedOnceMore(string path, string canonical)
    {
        var output = new PayloadBuffer();
        CanonicalPath.Append(output, Encoding.UTF8.GetBytes(path), normalizes: true);
        Assert.Equal(canonical, Encoding.ASCII.GetString(output.Span));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a=")]
    [InlineData("a=&a", "a=&a=")]
    [InlineData("b=1&a=2&a=1", "a=1&a=2&b=1")]
    [InlineData("a=b=c", "a=b%3Dc")]
    [InlineData("a=x%7ey", "a=x~y")]
    [InlineData("a=%2f+%zz", "a=%2F%2B%25zz")]
    [InlineData("A=1&a=0", "A=1&a=0")]
    [InlineData("&&a=1&", "a=1")]
    [InlineData("X-Amz-Signature=1&a=1", "a=1")]
    [InlineData("X-Amz-Signatures=1", "X-Amz-Signatures=1")]
    public void Query_IsEscapedOneWayAndSorted(string query, string canonical)
    {
        var output = new PayloadBuffer();
        new CanonicalQuery().Append(output, Encoding.UTF8.GetBytes(query), "X-Amz-Signature"u8);
        Assert.Equal(canonical, Encoding.ASCII.GetString(output.Span));
    }

    [Fact]
    public void Fields_AreSortedTrimmedAndJoined()
    {
        var fields = new SignedFields();
        fields.Add("X-B"u8, "  two \t words "u8);
        fields.Add("x-a"u8, "1"u8);
        fields.Add("x-b"u8, ""u8);
        fields.Sort();
        var output = new PayloadBuffer();
        fields.AppendLines(output);
        output.Append("|"u8);
        fields.AppendNames(output);
        Assert.Equal("x-a:1\nx-b:two words,\n|x-a;x-b", Encoding.ASCII.GetString(output.Span));
    }

    [Fact]
    public void Signing_AllocatesNothingOnceItHasItsSize()
    {
        var signer = new RequestSigner();
        var key = new SigningKey("secret", "20260102"u8, "eu-west-1", "lambda");
        byte[] signature = new byte[RequestSigner.SignatureBytes];
        SignOnce(signer, key, signature);
        SignOnce(signer, key, signature);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int turn = 0; turn < 100; turn++) SignOnce(signer, key, signature);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void SignOnce(RequestSigner signer, SigningKey key, byte[] signature)
    {
        signer.Fields.Clear();
        signer.Fields.Add("Host"u8, "lambda.eu-west-1.amazonaws.com"u8);
        signer.Fields.Add("X-Amz-Date"u8, "20260102T030405Z"u8);
        signer.Fields.Sort();
        var request = new SignableRequest
        {
            Method = "POST"u8,
            Path = "/2015-03-31/functions/f/invocations"u8,
            Query = "Qualifier=live"u8,
            PayloadHash = PayloadDigest.Empty,
        };
        signer.Sign(in request, "20260102T030405Z"u8, key, signature);
    }
}

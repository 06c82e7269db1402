using DataPlane.Http.Headers;

namespace DataPlane.Tests.Http.Headers;

public sealed class KnownHeadersTests
{
    private static readonly KnownHeader[] s_nameless =
        [KnownHeader.Other, KnownHeader.ForwardedAlias, KnownHeader.FramingAlias];

    [Fact]
    public void EveryName_IsIdentifiedInAnyCase()
    {
        foreach (var known in Enum.GetValues<KnownHeader>().Except(s_nameless))
        {
            var name = Latin1.Text(KnownHeaders.Name(known));
            Assert.Equal(known, KnownHeaders.Identify(Latin1.Bytes(name)));
            Assert.Equal(known, KnownHeaders.Identify(Latin1.Bytes(name.ToUpperInvariant())));
            Assert.Equal(known, KnownHeaders.Identify(Latin1.Bytes(name.ToLowerInvariant())));
        }
    }

    [Fact]
    public void Names_FitThePresenceWords() => Assert.True((int)Enum.GetValues<KnownHeader>().Max() < 128);

    [Theory]
    [InlineData(KnownHeader.Te, "TE")]
    [InlineData(KnownHeader.ETag, "ETag")]
    [InlineData(KnownHeader.Http2Settings, "HTTP2-Settings")]
    [InlineData(KnownHeader.WwwAuthenticate, "WWW-Authenticate")]
    [InlineData(KnownHeader.XForwardedFor, "X-Forwarded-For")]
    [InlineData(KnownHeader.XRequestId, "X-Request-Id")]
    [InlineData(KnownHeader.TraceParent, "traceparent")]
    [InlineData(KnownHeader.SecWebSocketKey, "Sec-WebSocket-Key")]
    [InlineData(KnownHeader.AccessControlAllowOrigin, "Access-Control-Allow-Origin")]
    public void Name_IsSpelledAsRegistered(KnownHeader known, string expected) =>
        Assert.Equal(expected, Latin1.Text(KnownHeaders.Name(known)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("Hos")]
    [InlineData("Hosts")]
    [InlineData("Hozt")]
    [InlineData("Content-Lengt\u0048x")]
    [InlineData("Content\rLength")]
    [InlineData("Content_Type")]
    [InlineData("X_Request_Id")]
    [InlineData("_")]
    [InlineData("A-Name-That-Is-Longer-Than-Any-Name-We-Know-Of")]
    public void OtherNames_AreNotIdentified(string name) =>
        Assert.Equal(KnownHeader.Other, KnownHeaders.Identify(Latin1.Bytes(name)));

    [Theory]
    [InlineData("X_Forwarded_For", KnownHeader.ForwardedAlias)]
    [InlineData("x-forwarded_for", KnownHeader.ForwardedAlias)]
    [InlineData("x_forwarded-proto", KnownHeader.ForwardedAlias)]
    [InlineData("X_FORWARDED_HOST", KnownHeader.ForwardedAlias)]
    [InlineData("x_forwarded_port", KnownHeader.ForwardedAlias)]
    [InlineData("Transfer_Encoding", KnownHeader.FramingAlias)]
    [InlineData("CONTENT_LENGTH", KnownHeader.FramingAlias)]
    public void UnderscoreSpellings_AreAliases(string name, KnownHeader expected) =>
        Assert.Equal(expected, KnownHeaders.Identify(Latin1.Bytes(name)));

    [Fact]
    public void HopByHopFields_AreNotProtected() => Assert.DoesNotContain(
        Enum.GetValues<KnownHeader>(), known => KnownHeaders.IsHopByHop(known) && KnownHeaders.IsProtected(known));
}

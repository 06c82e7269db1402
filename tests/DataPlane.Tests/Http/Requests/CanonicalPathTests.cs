using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

public sealed class CanonicalPathTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("/a", "/a")]
    [InlineData("/a/", "/a/")]
    [InlineData("/a/b.c", "/a/b.c")]
    [InlineData("/A/b", "/A/b")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a..b/c.", "/a..b/c.")]
    [InlineData("/...", "/...")]
    [InlineData("/a/.../b", "/a/.../b")]
    [InlineData("/..a", "/..a")]
    [InlineData("/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,=")]
    [InlineData("/{a}|[b]^", "/{a}|[b]^")]
    public void PlainPath_StaysAsItIs(string raw, string expected) =>
        Assert.Equal(expected, Write(raw, raw.Length == 0 ? PathTraits.Rewritten : PathTraits.None));

    [Theory]
    [InlineData("//", "/")]
    [InlineData("//a", "/a")]
    [InlineData("/a//b", "/a/b")]
    [InlineData("/a///", "/a/")]
    [InlineData("/.", "/")]
    [InlineData("/./", "/")]
    [InlineData("/./a", "/a")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/../", "/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/b/../c", "/a/c")]
    [InlineData("/a/b/../../c", "/c")]
    [InlineData("/a/../b//c", "/b/c")]
    [InlineData("/a/..//b", "/b")]
    [InlineData("/a/./..", "/")]
    public void SlashesAndDots_AreResolved(string raw, string expected) =>
        Assert.Equal(expected, Write(raw, PathTraits.Rewritten));

    [Theory]
    [InlineData("/%61dmin", "/admin")]
    [InlineData("/%41%7a%30%2D%5f%7E", "/Az0-_~")]
    [InlineData("/a%2eb", "/a.b")]
    [InlineData("/%2e%2e%2e", "/...")]
    [InlineData("/..%61", "/..a")]
    [InlineData("/a%3a", "/a%3A")]
    [InlineData("/%c3%a9", "/%C3%A9")]
    [InlineData("/%e2%82%ac", "/%E2%82%AC")]
    [InlineData("/%f0%9f%98%80", "/%F0%9F%98%80")]
    [InlineData("/%c2%a0", "/%C2%A0")]
    public void Escapes_AreDecodedOrUpperCased(string raw, string expected) =>
        Assert.Equal(expected, Write(raw, PathTraits.Rewritten));

    [Theory]
    [InlineData("/%20", PathTraits.None)]
    [InlineData("/a%2E%2E", PathTraits.Rewritten)]
    [InlineData("/a%2Fb", PathTraits.EncodedSlash)]
    [InlineData("/a%3F", PathTraits.EncodedDelimiter)]
    [InlineData("/a%23", PathTraits.EncodedDelimiter)]
    [InlineData("/%25", PathTraits.None)]
    [InlineData("/%2520", PathTraits.None)]
    [InlineData("/%25zz", PathTraits.None)]
    [InlineData("/%252", PathTraits.None)]
    [InlineData("/%252e", PathTraits.DoubleEncoded)]
    [InlineData("/%252F", PathTraits.DoubleEncoded)]
    [InlineData("/%255c", PathTraits.DoubleEncoded)]
    [InlineData("/%2525", PathTraits.DoubleEncoded)]
    [InlineData("/%2561", PathTraits.DoubleEncoded)]
    [InlineData("/%25%36%31", PathTraits.DoubleEncoded | PathTraits.Rewritten)]
    [InlineData("/%252/e", PathTraits.None)]
    [InlineData("/a;b", PathTraits.Parameters | PathTraits.Rewritten)]
    [InlineData("/a;%2f", PathTraits.Parameters | PathTraits.EncodedSlash | PathTraits.Rewritten)]
    [InlineData("/a;%252e", PathTraits.Parameters | PathTraits.DoubleEncoded | PathTraits.Rewritten)]
    [InlineData("/a;%3f", PathTraits.Parameters | PathTraits.EncodedDelimiter | PathTraits.Rewritten)]
    public void Traits_SpeakAboutTheRawPath(string raw, PathTraits expected) => Write(raw, expected);

    [Theory]
    [InlineData("/a;b", "/a")]
    [InlineData("/a;", "/a")]
    [InlineData("/a;b=c;d/e", "/a/e")]
    [InlineData("/a%3bb", "/a")]
    [InlineData("/a%3Bb;c/", "/a/")]
    [InlineData("/a;b.css", "/a")]
    [InlineData("/a;../b", "/a/b")]
    [InlineData("/;a/b", "/b")]
    [InlineData("/a/;b", "/a/")]
    [InlineData("/a;b/../c", "/c")]
    [InlineData("/a.;b", "/a.")]
    public void Parameters_AreLeftOut(string raw, string expected) =>
        Assert.Equal(expected, Write(raw, PathTraits.Parameters | PathTraits.Rewritten));

    [Theory]
    [InlineData("*", PathFault.NotAbsolute)]
    [InlineData("a/b", PathFault.NotAbsolute)]
    [InlineData("%2fa", PathFault.NotAbsolute)]
    [InlineData("/a b", PathFault.ForbiddenByte)]
    [InlineData("/a?b", PathFault.ForbiddenByte)]
    [InlineData("/a#b", PathFault.ForbiddenByte)]
    [InlineData("/a;\"", PathFault.ForbiddenByte)]
    [InlineData("/a\0", PathFault.ForbiddenByte)]
    [InlineData("/a\u007f", PathFault.ForbiddenByte)]
    [InlineData("/a\u00e9", PathFault.ForbiddenByte)]
    [InlineData("/%", PathFault.BadEscape)]
    [InlineData("/%6", PathFault.BadEscape)]
    [InlineData("/%6/1", PathFault.BadEscape)]
    [InlineData("/%zz", PathFault.BadEscape)]
    [InlineData("/%u0061", PathFault.BadEscape)]
    [InlineData("/a;%g1", PathFault.BadEscape)]
    [InlineData("/a%00", PathFault.EncodedNul)]
    [InlineData("/a;%00", PathFault.EncodedNul)]
    [InlineData("/a%01", PathFault.EncodedControl)]
    [InlineData("/a%09", PathFault.EncodedControl)]
    [InlineData("/a%0d%0a", PathFault.EncodedControl)]
    [InlineData("/a%1f", PathFault.EncodedControl)]
    [InlineData("/a%7F", PathFault.EncodedControl)]
    [InlineData("/a%c2%80", PathFault.EncodedControl)]
    [InlineData("/a%c2%85", PathFault.EncodedControl)]
    [InlineData("/a%c2%9f", PathFault.EncodedControl)]
    [InlineData("/a\\b", PathFault.Backslash)]
    [InlineData("/a%5cb", PathFault.Backslash)]
    [InlineData("/a;%5C", PathFault.Backslash)]
    [InlineData("/%80", PathFault.InvalidUtf8)]
    [InlineData("/%ff", PathFault.InvalidUtf8)]
    [InlineData("/%c0%ae%c0%ae/a", PathFault.InvalidUtf8)]
    [InlineData("/%c3", PathFault.InvalidUtf8)]
    [InlineData("/%c3a", PathFault.InvalidUtf8)]
    [InlineData("/%c3/%a9", PathFault.InvalidUtf8)]
    [InlineData("/%e0%80%af", PathFault.InvalidUtf8)]
    [InlineData("/%ed%a0%80", PathFault.InvalidUtf8)]
    [InlineData("/%f4%90%80%80", PathFault.InvalidUtf8)]
    [InlineData("/a;%a9", PathFault.InvalidUtf8)]
    [InlineData("/a/%2e%2e/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/.%2E/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/%2e./b", PathFault.HiddenDotSegment)]
    [InlineData("/%2e/a", PathFault.HiddenDotSegment)]
    [InlineData("/a/%2e", PathFault.HiddenDotSegment)]
    [InlineData("/a/..;/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/..;x=1/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/..%3b/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/.;/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/%2e%2e;/b", PathFault.HiddenDotSegment)]
    [InlineData("/a/..%2fb", PathFault.HiddenDotSegment)]
    [InlineData("/a%2f..", PathFault.HiddenDotSegment)]
    [InlineData("/a%2f../b", PathFault.HiddenDotSegment)]
    [InlineData("/a%2F.%2Fb", PathFault.HiddenDotSegment)]
    [InlineData("/a%2f%2e%2e%2fb", PathFault.HiddenDotSegment)]
    [InlineData("/a%2f..;x", PathFault.HiddenDotSegment)]
    [InlineData("/a;%2f..%2fb", PathFault.HiddenDotSegment)]
    [InlineData("/a;x%2f../b", PathFault.HiddenDotSegment)]
    [InlineData("/a//..", PathFault.AmbiguousDotSegment)]
    [InlineData("/a//../b", PathFault.AmbiguousDotSegment)]
    [InlineData("//../a", PathFault.AmbiguousDotSegment)]
    [InlineData("/a//b/../../c", PathFault.AmbiguousDotSegment)]
    [InlineData("/a/;/..", PathFault.AmbiguousDotSegment)]
    [InlineData("/a%2fb/..", PathFault.AmbiguousDotSegment)]
    [InlineData("/..", PathFault.AboveRoot)]
    [InlineData("/../a", PathFault.AboveRoot)]
    [InlineData("/a/../..", PathFault.AboveRoot)]
    [InlineData("/./..", PathFault.AboveRoot)]
    public void AmbiguousPath_IsRefused(string raw, PathFault expected)
    {
        var destination = new byte[raw.Length + 1];
        Assert.Equal(expected, CanonicalPath.Write(Latin1.Bytes(raw), destination, out var length, out _));
        Assert.Equal(0, length);
    }

    [Fact]
    public void EveryFault_HasTextsOfItsOwn()
    {
        var faults = Enum.GetValues<PathFault>();
        Assert.Equal(faults.Length, faults.Select(PathFaults.Detail).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(faults.Length, faults.Select(PathFaults.MetricLabel).Distinct(StringComparer.Ordinal).Count());
    }

    private static string Write(string raw, PathTraits expectedTraits)
    {
        var destination = new byte[raw.Length + 1];
        Assert.Equal(
            PathFault.None, CanonicalPath.Write(Latin1.Bytes(raw), destination, out var length, out var traits));
        Assert.Equal(expectedTraits, traits);
        return Latin1.Text(destination.AsSpan(0, length));
    }
}

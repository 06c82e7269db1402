using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("a", "a", -1)]
    [InlineData("a.b-c_d~e", "a.b-c_d~e", -1)]
    [InlineData("a.b.", "a.b", -1)]
    [InlineData("a.b.:8080", "a.b", 8080)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1)]
    [InlineData("a:65535", "a", 65535)]
    [InlineData("a:00080", "a", 80)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", -1)]
    [InlineData("[::]", "[::]", -1)]
    [InlineData("[::1]:80", "[::1]", 80)]
    [InlineData("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", -1)]
    [InlineData("[1::8]", "[1::8]", -1)]
    [InlineData("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", -1)]
    [InlineData("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", -1)]
    [InlineData("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", -1)]
    [InlineData("[FE80::ABCD]", "[FE80::ABCD]", -1)]
    public void GoodHost_IsSplit(string value, string host, int port)
    {
        var bytes = Latin1.Bytes(value);
        Assert.True(HostName.TrySplit(bytes, out var range, out var actualPort));
        Assert.Equal(host, Latin1.Text(range.Of(bytes)));
        Assert.Equal(port, actualPort);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a..")]
    [InlineData(":80")]
    [InlineData("a:")]
    [InlineData("a:0")]
    [InlineData("a:00")]
    [InlineData("a:65536")]
    [InlineData("a:000080")]
    [InlineData("a:8o")]
    [InlineData("a:+80")]
    [InlineData("a: 80")]
    [InlineData("a:80:80")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("a,b")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("a\\b")]
    [InlineData("u@a")]
    [InlineData("u:p@a")]
    [InlineData("a%2eb")]
    [InlineData("a!b")]
    [InlineData("a\0")]
    [InlineData("a\u00e9")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[]")]
    [InlineData("[:]")]
    [InlineData("[:::]")]
    [InlineData("[::1]x")]
    [InlineData("[::1]:")]
    [InlineData("[::1]]")]
    [InlineData("[1::2::3]")]
    [InlineData("[1:2:3:4:5:6:7]")]
    [InlineData("[1:2:3:4:5:6:7:8:9]")]
    [InlineData("[1:2:3:4:5:6:7:8::]")]
    [InlineData("[::12345]")]
    [InlineData("[::g]")]
    [InlineData("[:1::]")]
    [InlineData("[::1:]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[v1.a]")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[::1.2.3]")]
    [InlineData("[::1.2.3.4.5]")]
    [InlineData("[::1.2.3.256]")]
    [InlineData("[::1.2.3.04]")]
    [InlineData("[::1.2.3.4:5]")]
    [InlineData("[1.2.3.4::]")]
    [InlineData("[1:2:3:4:5:6:7:1.2.3.4]")]
    public void BadHost_IsRefused(string value) =>
        Assert.False(HostName.TrySplit(Latin1.Bytes(value), out _, out _));

    [Fact]
    public void LongName_IsRefusedAtTheLimit()
    {
        Assert.True(HostName.TrySplit(Latin1.Bytes(new string('a', 255)), out _, out _));
        Assert.False(HostName.TrySplit(Latin1.Bytes(new string('a', 256)), out _, out _));
    }
}

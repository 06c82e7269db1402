using System.Net;
using DataPlane.Http.ProxyProtocol;

namespace DataPlane.Tests.Http.ProxyProtocol;

/// <summary>What is written is what the parser takes.</summary>
public sealed class ProxyHeaderWriterTests
{
    [Theory]
    [InlineData("192.0.2.7:5", "192.0.2.1:443", "PROXY TCP4 192.0.2.7 192.0.2.1 5 443\r\n")]
    [InlineData("[2001:db8::7]:5", "[::1]:443", "PROXY TCP6 2001:db8::7 ::1 5 443\r\n")]
    [InlineData("[::ffff:192.0.2.7]:5", "192.0.2.1:443", "PROXY TCP4 192.0.2.7 192.0.2.1 5 443\r\n")]
    [InlineData("192.0.2.7:5", "[::1]:443", "PROXY TCP6 ::ffff:192.0.2.7 ::1 5 443\r\n")]
    [InlineData("[fe80::1%3]:5", "[::1]:443", "PROXY TCP6 fe80::1 ::1 5 443\r\n")]
    public void BothVersions_TellBothEnds(string from, string to, string line)
    {
        var (source, destination) = (IPEndPoint.Parse(from), IPEndPoint.Parse(to));
        byte[] first = ProxyHeaderWriter.Version1(source, destination);
        Assert.Equal(line, Latin1.Text(first));
        byte[] second = ProxyHeaderWriter.Version2(source, destination, "id"u8, "gw.test"u8);
        var one = new ProxyHeader();
        var two = new ProxyHeader();
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(first, one));
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(second, two));
        Assert.Equal(second.Length, two.Length);
        Assert.Equal(one.Source.ToArray(), two.Source.ToArray());
        Assert.Equal(one.Destination.ToArray(), two.Destination.ToArray());
        Assert.Equal((5, 443), (two.SourcePort, two.DestinationPort));
        Assert.Equal("\u0005\0\u0002id\u0002\0\u0007gw.test", Latin1.Text(two.Tlvs.Of(second)));
    }

    [Fact]
    public void UnknownEnds_AreTheConnectionsOwn()
    {
        var unix = new System.Net.Sockets.UnixDomainSocketEndPoint("/run/x");
        Assert.Equal("PROXY UNKNOWN\r\n", Latin1.Text(ProxyHeaderWriter.Version1(unix, null)));
        var header = new ProxyHeader();
        byte[] local = ProxyHeaderWriter.Version2(null, unix, "id"u8, default);
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(local, header));
        Assert.Equal(ProxyCommand.Local, header.Command);
        Assert.Equal(16, header.Length);
    }

    [Fact]
    public void LongUniqueId_IsCut()
    {
        var end = IPEndPoint.Parse("192.0.2.7:5");
        byte[] bytes = ProxyHeaderWriter.Version2(end, end, new byte[500], default);
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(bytes, new ProxyHeader()));
        Assert.Equal(16 + 12 + 3 + 128, bytes.Length);
    }
}

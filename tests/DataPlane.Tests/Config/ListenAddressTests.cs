using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("0.0.0.0:8080", "0.0.0.0:8080", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", true)]
    [InlineData("localhost:80", "127.0.0.1:80", true)]
    [InlineData("[::]:8080", "[::]:8080", false)]
    [InlineData("[::1]:8080", "[::1]:8080", true)]
    [InlineData("unix:/run/x.sock", "unix:/run/x.sock", true)]
    public void GoodText_GivesAnAddress(string text, string expected, bool isLocal)
    {
        ListenAddress address = ListenAddress.Parse(text);
        Assert.Equal(expected, address.ToString());
        Assert.Equal(isLocal, address.IsLocal);
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1:80", true)]
    [InlineData("127.0.0.1:80", "127.0.0.1:81", false)]
    [InlineData("127.0.0.1:80", "127.0.0.2:80", false)]
    [InlineData("127.0.0.1:80", "0.0.0.0:80", true)]
    [InlineData("[::]:80", "[::1]:80", true)]
    [InlineData("[::]:80", "0.0.0.0:80", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    [InlineData("unix:/a", "unix:/a", true)]
    [InlineData("unix:/a", "unix:/b", false)]
    [InlineData("unix:/a", "127.0.0.1:80", false)]
    public void TwoAddresses_OverlapWhenBothWouldBind(string a, string b, bool expected)
    {
        Assert.Equal(expected, ListenAddress.Parse(a).Overlaps(ListenAddress.Parse(b)));
        Assert.Equal(expected, ListenAddress.Parse(b).Overlaps(ListenAddress.Parse(a)));
    }

    [Fact]
    public void UnixPathBeyondTheKernelsLimit_IsRefused()
    {
        Assert.NotNull(ListenAddress.TryParse("unix:/" + new string('a', 106), out _));
        Assert.Null(ListenAddress.TryParse("unix:/" + new string('a', 107), out Problem problem));
        Assert.Equal("write unix: and an absolute path of at most 107 bytes", problem.Fix);
    }
}

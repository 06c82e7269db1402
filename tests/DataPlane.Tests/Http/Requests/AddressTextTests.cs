using System.Net;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1:4711", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("ABCD:ef::9", "abcd:ef::9")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::192.0.2.33")]
    public void Address_IsReadAsTheFrameworkReadsIt(string text, string address)
    {
        Assert.True(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(ClientAddress.NumberOf(IPAddress.Parse(address)), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:http")]
    [InlineData("1.2.3.4:123456")]
    [InlineData("[::1")]
    [InlineData("[::1]x")]
    [InlineData("::1%eth0")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("12345::")]
    public void AnythingElse_IsNone(string text) =>
        Assert.False(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out _));
}

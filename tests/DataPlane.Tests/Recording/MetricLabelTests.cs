using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class MetricLabelTests
{
    [Theory]
    [InlineData("plain", "route=\"plain\"")]
    [InlineData("", "route=\"\"")]
    [InlineData("a\"b", "route=\"a\\\"b\"")]
    [InlineData("a\\b", "route=\"a\\\\b\"")]
    [InlineData("a\nb", "route=\"a\\nb\"")]
    [InlineData("größe {id} 🙂", "route=\"größe {id} 🙂\"")]
    public void Value_IsEscapedAsTheFormatsWant(string value, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(MetricLabel.Render("route", value)));

    [Fact]
    public void InvalidUtf8_BecomesReplacementCharacters()
    {
        byte[] value = [0x61, 0xff, 0x62, 0xc3];
        Assert.Equal("route=\"a\uFFFDb\uFFFD\"", Encoding.UTF8.GetString(MetricLabel.Render("route", value)));
    }
}

using DataPlane.Config.Reading;

namespace DataPlane.Tests.Config.Reading;

public sealed class QuantityTextTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    [InlineData("5s", 5_000)]
    [InlineData("10m", 600_000)]
    [InlineData("24h", 86_400_000)]
    public void GoodDuration_IsRead(string text, long milliseconds)
    {
        Assert.True(QuantityText.TryDuration(text, out TimeSpan value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("1.5s")]
    [InlineData("5 s")]
    [InlineData(" 5s")]
    [InlineData("5S")]
    [InlineData("1h30m")]
    [InlineData("5d")]
    [InlineData("99999999999999999999s")]
    [InlineData("9223372036854775807h")]
    [InlineData("٥s")]
    public void BadDuration_IsRefused(string text) => Assert.False(QuantityText.TryDuration(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1024", 1024)]
    [InlineData("64KiB", 65_536)]
    [InlineData("10MiB", 10_485_760)]
    [InlineData("2GiB", 2_147_483_648)]
    public void GoodSize_IsRead(string text, long bytes)
    {
        Assert.True(QuantityText.TrySize(text, out long value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("KiB")]
    [InlineData("1KB")]
    [InlineData("1kib")]
    [InlineData("1 KiB")]
    [InlineData("-1")]
    [InlineData("1.5KiB")]
    [InlineData("1_000")]
    [InlineData("9223372036854775807KiB")]
    public void BadSize_IsRefused(string text) => Assert.False(QuantityText.TrySize(text, out _));

    [Theory]
    [InlineData("100/s", 100)]
    [InlineData("120/m", 2)]
    [InlineData("3600/h", 1)]
    public void GoodRate_IsRead(string text, double perSecond)
    {
        Assert.True(QuantityText.TryRate(text, out Rate value));
        Assert.Equal(perSecond, value.PerSecond);
    }

    [Theory]
    [InlineData("100")]
    [InlineData("/s")]
    [InlineData("100/")]
    [InlineData("100/d")]
    [InlineData("1.5/s")]
    [InlineData("-1/s")]
    public void BadRate_IsRefused(string text) => Assert.False(QuantityText.TryRate(text, out _));
}

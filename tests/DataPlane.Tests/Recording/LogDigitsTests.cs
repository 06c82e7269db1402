using System.Globalization;
using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class LogDigitsTests
{
    [Fact]
    public void EveryLength_IsTheRuntimesText()
    {
        for (long value = 1; value > 0 && value < long.MaxValue / 3; value *= 3)
        {
            Assert.All([value - 1, value, value + 1, -value], each => Assert.Equal(
                each.ToString(CultureInfo.InvariantCulture), Write(each)));
        }
        Assert.Equal("9223372036854775807", Write(long.MaxValue));
        Assert.Equal("-9223372036854775808", Write(long.MinValue));
    }

    [Fact]
    public void PowersOfTen_AreWhole()
    {
        for (long value = 1; value <= 1_000_000_000_000; value *= 10)
        {
            Assert.All([value - 1, value], each => Assert.Equal(
                each.ToString(CultureInfo.InvariantCulture), Write(each)));
        }
    }

    [Fact]
    public void EverySmallNumber_AndManyOthers_AreTheRuntimesText()
    {
        var random = new Random(1);
        for (long each = 0; each < 20_000; each++)
            Assert.Equal(each.ToString(CultureInfo.InvariantCulture), Write(each));
        for (int each = 0; each < 20_000; each++)
        {
            long value = random.NextInt64() >> random.Next(63);
            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Write(value));
        }
    }

    [Fact]
    public void ManyDurations_AreTheRuntimesText()
    {
        var random = new Random(2);
        byte[] bytes = new byte[LogDigits.MaxBytes + LogDigits.FractionBytes];
        for (int each = 0; each < 50_000; each++)
        {
            long value = random.NextInt64() >> random.Next(63);
            int length = LogDigits.WriteSeconds(value, ref bytes[0]);
            Assert.Equal(
                $"{value / 1_000_000}.{value % 1_000_000:000000}", Encoding.ASCII.GetString(bytes, 0, length));
        }
    }

    [Theory]
    [InlineData(0, "0.000000")]
    [InlineData(-5, "0.000000")]
    [InlineData(7, "0.000007")]
    [InlineData(120_345, "0.120345")]
    [InlineData(999_999, "0.999999")]
    [InlineData(1_000_000, "1.000000")]
    [InlineData(61_000_042, "61.000042")]
    [InlineData(5_000_000_000_001, "5000000.000001")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void Seconds_HaveSixDecimals(long microseconds, string expected)
    {
        byte[] bytes = new byte[LogDigits.MaxBytes + LogDigits.FractionBytes];
        int length = LogDigits.WriteSeconds(microseconds, ref bytes[0]);
        Assert.Equal(expected, Encoding.ASCII.GetString(bytes, 0, length));
    }

    private static string Write(long value)
    {
        byte[] bytes = new byte[LogDigits.MaxBytes];
        return Encoding.ASCII.GetString(bytes, 0, LogDigits.Write(value, ref bytes[0]));
    }
}

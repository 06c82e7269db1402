using System.Text;
using DataPlane.Http.Caching;

namespace DataPlane.Tests.Http.Caching;

public sealed class HttpDateTests
{
    // 2026-11-22T00:00:00Z
    private const long Now = 1_795_305_600;

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 784111777)]
    [InlineData("sun, 06 NOV 1994 08:49:37 gmt", 784111777)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 784111777)]
    [InlineData("Sun Nov  6 08:49:37 1994", 784111777)]
    [InlineData("Wed Nov 16 08:49:37 1994", 784975777)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    [InlineData("Tue, 29 Feb 2028 23:59:60 GMT", 1835481600)]
    [InlineData("Wednesday, 01-Jan-76 00:00:00 GMT", 3345062400)]
    [InlineData("Saturday, 01-Jan-77 00:00:00 GMT", 220924800)]
    public void AnyOfTheThreeFormats_IsRead(string text, long seconds)
    {
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out long read));
        Assert.Equal(seconds, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 AEST")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06  Nov  1994 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 8:49:37 GMT")]
    [InlineData("Sun, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Sun, 31 Feb 1994 08:49:37 GMT")]
    [InlineData("Sun, 00 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08.49.37 GMT")]
    [InlineData("Xyz, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Xyz 1994 08:49:37 GMT")]
    [InlineData("Sunnyday, 06-Nov-94 08:49:37 GMT ")]
    public void WhatIsNearlyATime_IsNone(string text) =>
        Assert.False(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out _));

    [Fact]
    public void WrittenTime_IsReadAgain()
    {
        byte[] text = new byte[HttpDate.Length];
        for (long seconds = 0; seconds < 4_000_000_000; seconds += 12_345_677)
        {
            HttpDate.Write(seconds, text);
            Assert.True(HttpDate.TryParse(text, Now, out long read));
            Assert.Equal(seconds, read);
        }
    }
}

using System.Text;
using DataPlane.Http.Caching;

namespace DataPlane.Tests.Http.Caching;

public sealed class RangeFieldTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=2-5", 2, 4)]
    [InlineData("BYTES= 2-5 ", 2, 4)]
    [InlineData("bytes=9-", 9, 1)]
    [InlineData("bytes=0-99999999999999999999999", 0, 10)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-99", 0, 10)]
    public void SingleRange_IsAPartOfTheWhole(string value, long start, long count)
    {
        var status = RangeField.Read(Encoding.ASCII.GetBytes(value), 10, out long from, out long bytes);
        Assert.Equal(RangeStatus.Part, status);
        Assert.Equal((start, count), (from, bytes));
    }

    [Theory]
    [InlineData("bytes=10-", RangeStatus.Unsatisfiable)]
    [InlineData("bytes=99-100", RangeStatus.Unsatisfiable)]
    [InlineData("bytes=-0", RangeStatus.Unsatisfiable)]
    [InlineData("bytes=5-2", RangeStatus.Whole)]
    [InlineData("bytes=0-1,3-4", RangeStatus.Whole)]
    [InlineData("bytes=", RangeStatus.Whole)]
    [InlineData("bytes=-", RangeStatus.Whole)]
    [InlineData("bytes=a-b", RangeStatus.Whole)]
    [InlineData("bytes=1--2", RangeStatus.Whole)]
    [InlineData("items=0-1", RangeStatus.Whole)]
    [InlineData("", RangeStatus.Whole)]
    public void OtherRanges_AreNone(string value, RangeStatus status) =>
        Assert.Equal(status, RangeField.Read(Encoding.ASCII.GetBytes(value), 10, out _, out _));
}

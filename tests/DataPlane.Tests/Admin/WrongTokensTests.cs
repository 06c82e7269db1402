using System.Net;
using DataPlane.Admin;
using DataPlane.Tests.Loops;

namespace DataPlane.Tests.Admin;

public sealed class WrongTokensTests
{
    private static readonly IPAddress s_client = IPAddress.Parse("192.0.2.1");

    private readonly ManualTime _time = new();
    private readonly WrongTokens _wrong;

    public WrongTokensTests() => _wrong = new WrongTokens(_time);

    [Fact]
    public void Limit_IsExactAndEndsWithItsWindow()
    {
        Try(s_client, AdminLimits.WrongTokens - 1);
        Assert.Equal(TimeSpan.Zero, _wrong.WaitOf(s_client));
        _time.Advance(20_000);
        Try(s_client, 1);
        Assert.Equal(TimeSpan.FromSeconds(40), _wrong.WaitOf(s_client));
        Assert.Equal(TimeSpan.Zero, _wrong.WaitOf(IPAddress.Parse("192.0.2.2")));
        _time.Advance(40_000);
        Assert.Equal(TimeSpan.Zero, _wrong.WaitOf(s_client));
        Try(s_client, 1);
        Assert.Equal(TimeSpan.Zero, _wrong.WaitOf(s_client));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData(null, null, true)]
    public void Addresses_AreOneClientOrTwo(string? first, string? second, bool isOne)
    {
        Try(Parse(first), AdminLimits.WrongTokens);
        Assert.Equal(isOne, _wrong.WaitOf(Parse(second)) > TimeSpan.Zero);
    }

    [Fact]
    public void ManyAddresses_PushOutTheOldestOnly()
    {
        Try(s_client, AdminLimits.WrongTokens);
        for (int each = 0; each < AdminLimits.RememberedAddresses; each++)
        {
            _time.Advance(1);
            Try(new IPAddress(each + 1), AdminLimits.WrongTokens);
        }
        Assert.Equal(TimeSpan.Zero, _wrong.WaitOf(s_client));
        Assert.NotEqual(TimeSpan.Zero, _wrong.WaitOf(new IPAddress(1)));
    }

    private static IPAddress? Parse(string? text) => text is null ? null : IPAddress.Parse(text);

    private void Try(IPAddress? client, int times)
    {
        for (int each = 0; each < times; each++) _wrong.Add(client);
    }
}

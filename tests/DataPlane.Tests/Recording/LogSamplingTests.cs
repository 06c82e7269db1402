using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Tests.Recording;

public class LogSamplingTests
{
    private const int Draws = 100_000;

    private static readonly LogSamplingConfig s_tenth = new()
    {
        Default = 0.1,
        Routes = [new RouteShare("half", 0.5), new RouteShare("none", 0)],
    };

    [Theory]
    [InlineData("other", 200, ExchangeOutcome.Completed, 0.1)]
    [InlineData(null, 404, ExchangeOutcome.RouteNotFound, 0.1)]
    [InlineData("half", 200, ExchangeOutcome.Completed, 0.5)]
    [InlineData("half", 404, ExchangeOutcome.Completed, 0.5)]
    [InlineData("none", 200, ExchangeOutcome.Completed, 0)]
    [InlineData("none", 500, ExchangeOutcome.Completed, 1)]
    [InlineData("other", 503, ExchangeOutcome.UpstreamUnavailable, 1)]
    [InlineData("other", 200, ExchangeOutcome.UpstreamTruncated, 1)]
    [InlineData("other", 499, ExchangeOutcome.ClientAborted, 0.1)]
    public void Share_IsTheRoutesAndErrorsAreAllTaken(
        string? route, int status, ExchangeOutcome outcome, double share) =>
        AssertShare(s_tenth, route, status, outcome, share);

    [Theory]
    [InlineData(404, ExchangeOutcome.Completed, 0.5)]
    [InlineData(200, ExchangeOutcome.ClientAborted, 0.5)]
    [InlineData(500, ExchangeOutcome.Completed, 0.25)]
    [InlineData(200, ExchangeOutcome.Completed, 0.1)]
    public void ErrorShares_AreTheirOwn(int status, ExchangeOutcome outcome, double share) => AssertShare(
        s_tenth with { ClientErrors = 0.5, Errors = 0.25 }, "none-of-them", status, outcome, share);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(double.NaN, 0)]
    public void Edges_AreExact(double asked, double share) =>
        AssertShare(new LogSamplingConfig { Default = asked }, "a", 200, ExchangeOutcome.Completed, share);

    private static void AssertShare(
        LogSamplingConfig sample, string? route, int status, ExchangeOutcome outcome, double share)
    {
        using var exchange = new LoggedExchange("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", route);
        var shard = LoggedExchange.Shard(new AccessLogConfig { Sample = sample });
        var record = exchange.Record(status, outcome);
        int taken = 0;
        for (int each = 0; each < Draws; each++) taken += shard.Takes(record) ? 1 : 0;
        bool isExact = share is 0 or 1;
        Assert.InRange((double)taken / Draws, share - (isExact ? 0 : 0.01), share + (isExact ? 0 : 0.01));
    }
}

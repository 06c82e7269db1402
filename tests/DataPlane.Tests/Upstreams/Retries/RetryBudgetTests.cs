using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Tests.Upstreams.Retries;

public sealed class RetryBudgetTests
{
    [Theory]
    [InlineData(0.2, 5)]
    [InlineData(0.5, 0)]
    public void EveryRequestFails_RetriesStayInTheirShare(double share, double perSecond)
    {
        var budget = new RetryBudget(share, perSecond);
        const int seconds = 60, requestsPerSecond = 500;
        int retries = 0;
        for (int each = 0; each < seconds * requestsPerSecond; each++)
        {
            budget.CountRequest();
            if (budget.TryTake(1_000_000 + (each * 1000 / requestsPerSecond))) retries++;
        }
        double allowed = seconds * ((requestsPerSecond * share) + perSecond);
        // What the first window's allowance without requests adds.
        double start = perSecond * RetryBudget.WindowMs / 1000;
        Assert.InRange(retries, 0.9 * allowed, allowed + start + 1);
    }

    [Fact]
    public void NoShareAndNoMinimum_AllowNothing()
    {
        var budget = new RetryBudget(0, 0);
        for (int each = 0; each < 1000; each++) budget.CountRequest();
        Assert.False(budget.TryTake(1000));
    }

    [Fact]
    public void FewRequests_HaveTheMinimum()
    {
        var budget = new RetryBudget(0.2, 2);
        int taken = 0;
        while (taken < 1000 && budget.TryTake(1_000_000)) taken++;
        Assert.Equal(2 * RetryBudget.WindowMs / 1000, taken);
        Assert.False(budget.TryTake(1_000_100));
        Assert.True(budget.TryTake(1_001_000));
    }

    [Fact]
    public void BusyPast_DoesNotPayForToday()
    {
        var budget = new RetryBudget(0.2, 0);
        for (int each = 0; each < 1_000_000; each++) budget.CountRequest();
        const int hourMs = 3_600_000;
        Assert.True(budget.TryTake(1_000_000));
        for (int each = 0; each < 3_600; each++) budget.CountRequest();
        // 3,600 in an hour are 10 in a window, which earn 2.
        int taken = 0;
        while (taken < 1000 && budget.TryTake(1_000_000 + hourMs)) taken++;
        Assert.Equal(2, taken);
    }
}

using DataPlane.Config;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Queue;

namespace DataPlane.Tests.Lambda.Queue;

/// <summary>Lambda's rules for events whose senders do not wait.</summary>
public sealed class QueuePolicyTests
{
    private const long Now = 1_000_000_000;
    private const long Minute = 60_000;

    private static readonly FunctionAsyncConfig s_standard = new();

    [Fact]
    public void Success_IsTheEnd()
    {
        var verdict = QueuePolicy.After(InvocationStatus.Answered, Entry(attempts: 1), s_standard, Now);
        Assert.Equal((QueueVerdict.Success, 2), (verdict.Condition, verdict.Attempts));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void Failure_IsTriedAgainAfterOneAndTwoMinutes(int before, int minutes)
    {
        var verdict = QueuePolicy.After(InvocationStatus.FunctionError, Entry(before), s_standard, Now);
        Assert.False(verdict.IsEnd);
        Assert.Equal((before + 1, Now + minutes * Minute), (verdict.Attempts, verdict.DueMs));
    }

    [Fact]
    public void ThirdFailure_ExhaustsTheRetries()
    {
        var verdict = QueuePolicy.After(InvocationStatus.FunctionError, Entry(attempts: 2), s_standard, Now);
        Assert.Equal((QueueVerdict.RetriesExhausted, 3), (verdict.Condition, verdict.Attempts));
    }

    [Theory]
    [InlineData(0, 59, true)]
    [InlineData(0, 61, false)]
    [InlineData(1, 119, true)]
    [InlineData(1, 121, false)]
    public void RetryThatWouldComeTooLate_IsGivenUpAtOnce(int before, int ageSeconds, bool isEnd)
    {
        var config = s_standard with { MaximumAge = TimeSpan.FromSeconds(ageSeconds) };
        var verdict = QueuePolicy.After(InvocationStatus.FunctionError, Entry(before), config, Now);
        Assert.Equal((isEnd, before + 1), (verdict.IsEnd, verdict.Attempts));
        Assert.Equal(isEnd ? QueueVerdict.EventAgeExceeded : null, verdict.Condition);
    }

    [Fact]
    public void Throttles_AreTriedAgainWithGrowingPausesAndCostNoAttempt()
    {
        var entry = Entry(attempts: 2);
        var pauses = new List<long>();
        for (int turn = 0; turn < 12; turn++)
        {
            var verdict = QueuePolicy.After(InvocationStatus.ReservedExceeded, entry, s_standard, Now);
            Assert.Equal((false, 2), (verdict.IsEnd, verdict.Attempts));
            entry.Throttles = verdict.Throttles;
            pauses.Add((verdict.DueMs - Now) / 1000);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300], pauses);
    }

    [Fact]
    public void ThrottledEvent_EndsWithItsAge()
    {
        var entry = Entry(attempts: 0, queuedMs: Now - 6 * 60 * Minute);
        var verdict = QueuePolicy.After(InvocationStatus.QueueFull, entry, s_standard, Now);
        Assert.Equal((QueueVerdict.EventAgeExceeded, 0), (verdict.Condition, verdict.Attempts));
    }

    private static QueueEntry Entry(int attempts, long queuedMs = Now) => new()
    {
        Id = 1,
        Kind = QueueKind.Event,
        Target = "f",
        RequestId = Guid.NewGuid(),
        QueuedMs = queuedMs,
        Bytes = 2,
        Attempts = attempts,
    };
}

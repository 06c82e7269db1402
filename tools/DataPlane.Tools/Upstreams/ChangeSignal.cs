namespace DataPlane.Tools.Upstreams;

/// <summary>Wakes whoever waits for a condition over counters, so that no test has to poll or sleep.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Raise() =>
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Returns once the condition holds; <see cref="TimeoutException"/> when it does not in time.</summary>
    public async Task WaitUntilAsync(Func<bool> condition, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        while (true)
        {
            // Taken before the test of the condition: a change in between completes this very task.
            var changed = Volatile.Read(ref _next).Task;
            if (condition())
                return;
            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException($"The condition did not hold within {timeout.TotalSeconds} s.", late);
            }
        }
    }
}

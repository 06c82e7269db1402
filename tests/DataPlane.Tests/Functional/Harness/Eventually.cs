using System.Diagnostics;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>Waits by condition, within a bounded real time.</summary>
internal static class Eventually
{
    /// <summary>Generous: two busy cores must not fail a test that a free one passes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);

    public static Task HoldsAsync(Func<bool> condition, string what) =>
        HoldsAsync(() => Task.FromResult(condition()), what);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        using var looks = new PeriodicTimer(s_look);
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException($"In vain waited for: {what}");
            await looks.WaitForNextTickAsync();
        }
    }
}

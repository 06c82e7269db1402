using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A recorder that another configuration may replace by another one, or by none. Who is replaced is disposed once every
/// loop has had a turn since: until then one may be in the middle of an exchange. Nothing that was recorded is lost.
/// <see cref="Current"/>: any thread. The rest: one thread at a time.
/// </summary>
public sealed class ReplaceableRecorder<T>(LoopSet loops, T? first) : IMetricSource, IDisposable
    where T : class, IExchangeRecorder
{
    private T? _current = first;
    private Task _leaving = Task.CompletedTask;

    /// <summary>Null while nothing is to be recorded.</summary>
    public T? Current => Volatile.Read(ref _current);

    public void Write(PrometheusText text) => (Current as IMetricSource)?.Write(text);

    /// <summary>
    /// Returns at once. <paramref name="start"/> is called for the next one: now, or with
    /// <paramref name="startsAfter"/> when the one before has ended, because both write to the same place.
    /// </summary>
    public void Put(T? next, Action<T> start, bool startsAfter = false)
    {
        if (next is not null && !startsAfter) start(next);
        var before = Interlocked.Exchange(ref _current, next) as IDisposable;
        _leaving = LeaveAsync(_leaving, before, startsAfter && next is not null ? () => start(next) : null);
    }

    /// <summary>When the loops have ended, or record nothing more.</summary>
    public void Dispose()
    {
        _leaving.Wait(RecordingLimits.WriterStop);
        (Interlocked.Exchange(ref _current, null) as IDisposable)?.Dispose();
    }

    private async Task LeaveAsync(Task earlier, IDisposable? before, Action? start)
    {
        // Not on this thread: whoever replaces it must not wait for a slow output.
        await Task.Yield();
        await earlier;
        for (int each = 0; before is not null && each < loops.Count; each++)
        {
            try
            {
                await loops[each].AskAsync(static () => true);
            }
            catch (TimeoutException)
            {
                // A loop that has ended records nothing.
            }
        }
        before?.Dispose();
        start?.Invoke();
    }
}

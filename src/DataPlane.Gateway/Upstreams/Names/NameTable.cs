using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// The names in use, each watched once, whichever upstreams and generations of the configuration use it. Resolution
/// runs on the thread pool, never on a loop and never for a request. One per process; any thread.
/// </summary>
public sealed class NameTable(TimeProvider time) : IDisposable
{
    private readonly Lock _changing = new();
    private readonly Dictionary<NameQuestion, NameWatch> _watches = [];
    private NameWatch[] _all = [];

    internal HostsFile Hosts { get; init; } = new();

    internal TimeProvider Time => time;

    /// <summary>Where failures are told.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>As they are now; another list after a change.</summary>
    public NameWatch[] Watches => Volatile.Read(ref _all);

    /// <summary>Looked up from now on, until as many have left as have come.</summary>
    public NameWatch Enter(NameQuestion question)
    {
        lock (_changing)
        {
            if (!_watches.TryGetValue(question, out var watch))
            {
                _watches.Add(question, watch = new NameWatch(this, question));
                Volatile.Write(ref _all, [.. _watches.Values]);
                watch.Start();
            }
            watch.Users++;
            return watch;
        }
    }

    public void Leave(NameWatch watch)
    {
        lock (_changing)
        {
            if (--watch.Users > 0) return;
            _watches.Remove(watch.Question);
            Volatile.Write(ref _all, [.. _watches.Values]);
            watch.Stop();
        }
    }

    /// <summary>Nothing is looked up any more.</summary>
    public void Dispose()
    {
        foreach (var watch in Watches) watch.Stop();
    }

    /// <summary>Waits, but not for ever, until every name has been looked up once.</summary>
    public async Task FirstAnswersAsync(TimeSpan atMost)
    {
        var all = Task.WhenAll(Watches.Select(each => each.First));
        if (all.IsCompleted || atMost == TimeSpan.Zero) return;
        using var late = new CancellationTokenSource();
        await Task.WhenAny(all, Task.Delay(atMost, time, late.Token));
        await late.CancelAsync();
    }
}

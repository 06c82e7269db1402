using DataPlane.Gateway.Connections;

namespace DataPlane.Hosting;

/// <summary>
/// Gives memory back after the start, which reads and compiles what nobody needs any more (mapped files, too), and
/// after a crowd has left: when most of the connections seen since the last time are gone. One compacting collection
/// returns what was held. Allocation alone would not cause one: the data plane does not allocate.
/// </summary>
internal sealed class IdleMemory : IDisposable
{
    /// <summary>How often the crowd is counted.</summary>
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>Processor time within a period up to which nobody is being served, or hardly anybody.</summary>
    private static readonly TimeSpan s_idle = s_period / 25;

    /// <summary>Fewer connections than this hold too little to be worth a collection.</summary>
    private const int CrowdConnections = 1000;

    /// <summary>
    /// With so little the collection stops everybody for a few milliseconds, once: nobody has to be away for it.
    /// </summary>
    private const long SmallHeapBytes = 24 * 1024 * 1024;

    private readonly ClientConnections _connections;
    private readonly ITimer _timer;
    private MappedFiles? _mappedByStart = new();
    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private bool _hasStopped;
    private int _crowd;

    public IdleMemory(ClientConnections connections, TimeProvider time)
    {
        _connections = connections;
        _timer = time.CreateTimer(static state => ((IdleMemory)state!).Look(), this, s_period, s_period);
    }

    /// <summary>What has to be over before the start is.</summary>
    public Rehearsal? Rehearsal { get; init; }

    public void Dispose() => _timer.Dispose();

    /// <summary>One compacting collection that returns what is not needed to the system.</summary>
    public static void GiveBack() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void Look()
    {
        if (_mappedByStart is not null) Settle(_mappedByStart);
        int open = _connections.Open;
        if (open >= _crowd)
        {
            _crowd = open;
            return;
        }
        if (_crowd < CrowdConnections || open > _crowd / 4) return;
        _crowd = open;
        GiveBack();
    }

    /// <summary>
    /// The first time when there is nobody whom it would keep waiting: with 10,000 routes it stops all for 30 ms. What
    /// is settled before, with somebody being served, is not settled for good: the code is still being improved then.
    /// </summary>
    private void Settle(MappedFiles mappedByStart)
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        bool isIdle = used - _used < s_idle && _connections.Active == 0;
        _used = used;
        bool mayStop = !_hasStopped && GC.GetTotalMemory(forceFullCollection: false) < SmallHeapBytes;
        if (!(isIdle || mayStop) || Rehearsal is { IsOver: false }) return;
        if (isIdle) _mappedByStart = null;
        _hasStopped = true;
        mappedByStart.GiveBack();
        GiveBack();
    }
}

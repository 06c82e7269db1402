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
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);

    /// <summary>Fewer connections than this hold too little to be worth a collection.</summary>
    private const int CrowdConnections = 1000;

    private readonly ClientConnections _connections;
    private readonly ITimer _timer;
    private MappedFiles? _mappedByStart = new();
    private int _crowd;

    public IdleMemory(ClientConnections connections, TimeProvider time)
    {
        _connections = connections;
        _timer = time.CreateTimer(static state => ((IdleMemory)state!).Look(), this, s_period, s_period);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>One compacting collection that returns what is not needed to the system.</summary>
    public static void GiveBack() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void Look()
    {
        // The first time when there is nobody whom it would keep waiting.
        if (_mappedByStart is { } mapped && _connections.Active == 0)
        {
            _mappedByStart = null;
            mapped.GiveBack();
            GiveBack();
        }
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
}

using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams.Opening;

/// <summary>
/// Where exchanges of an upstream wait while every endpoint has all its connections in use: a line per loop, bounded
/// over all of them. A connection that becomes free goes to the first in its loop's line. Connections cannot change
/// loops, so when only others wait, or have waited much longer, it is closed and they open one in its place. Outlives
/// reloads. Any thread; exchanges that find a connection read one number here, no more.
/// </summary>
public sealed class PendingQueue
{
    /// <summary>A line whose first one has waited so much longer goes before the own one.</summary>
    private const int UnfairMs = 50;

    private readonly PendingLine[] _lines;
    private int _waiting;
    private long _total;
    private long _overflowed;
    private long _timedOut;

    public PendingQueue(LoopSet loops)
    {
        _lines = new PendingLine[loops.Count];
        for (int loop = 0; loop < _lines.Length; loop++) _lines[loop] = new PendingLine(this, loops[loop]);
    }

    /// <summary>Exchanges waiting now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Exchanges that had to wait.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Exchanges refused because the queue was full.</summary>
    public long Overflowed => Volatile.Read(ref _overflowed);

    /// <summary>Exchanges refused because their turn did not come in time.</summary>
    public long TimedOut => Volatile.Read(ref _timedOut);

    /// <summary>
    /// Takes a place. From then on a connection that becomes free anywhere is signalled, so look once more before
    /// waiting. False when all <paramref name="most"/> are taken.
    /// </summary>
    internal bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _waiting) <= most)
        {
            Interlocked.Increment(ref _total);
            return true;
        }
        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _overflowed);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _waiting);

    internal void CountTimeout() => Interlocked.Increment(ref _timedOut);

    internal PendingLine LineOf(EventLoop loop) => _lines[loop.Index];

    /// <summary>
    /// A connection of a full endpoint came back on its loop. True when somebody took it, or it was closed to make room
    /// for another loop.
    /// </summary>
    internal bool TryTake(UpstreamConnection connection)
    {
        var own = _lines[connection.Loop.Index];
        var eldest = Eldest();
        if (eldest is null) return false;
        bool isOurTurn = own.HeadSinceMs != long.MaxValue && own.HeadSinceMs - UnfairMs <= eldest.HeadSinceMs;
        if (isOurTurn && own.TryServe(connection)) return true;
        connection.Close();
        return true;
    }

    /// <summary>A connection was closed: the one who has waited longest may open another. Any thread.</summary>
    internal void Freed()
    {
        if (Waiting > 0) Eldest()?.Loop.Post(static state => ((PendingQueue)state!).ServeHere(), this);
    }

    private void ServeHere()
    {
        // The one it was meant for may have gone meanwhile.
        if (!_lines[EventLoop.Current!.Index].TryServe(connection: null)) Freed();
    }

    private PendingLine? Eldest()
    {
        PendingLine? eldest = null;
        foreach (var line in _lines)
        {
            if (line.HeadSinceMs < (eldest?.HeadSinceMs ?? long.MaxValue)) eldest = line;
        }
        return eldest;
    }
}

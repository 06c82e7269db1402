using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>
/// What the tunnels of one route have done since the process began, over all generations. Begin and end: any loop,
/// interlocked, once per tunnel. Bytes: each loop in cells of its own. Read: any thread.
/// </summary>
public sealed class TunnelCounts(string route, int loops)
{
    /// <summary>Two cache lines of 64-bit cells per loop.</summary>
    private const int Stride = 16;
    private const int ReceivedCell = 0;
    private const int SentCell = 1;

    private readonly long[] _ended = new long[Enum.GetValues<TunnelEnd>().Length];

    // One group in front, against whatever lies before the array.
    private readonly long[] _bytes = new long[(loops + 1) * Stride];
    private int _open;
    private long _refused;

    public string Route { get; } = route;

    /// <summary>Open tunnels, and handshakes under way.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Not begun because so many were open.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>From clients to upstreams.</summary>
    public long BytesReceived => Sum(ReceivedCell);

    /// <summary>From upstreams to clients.</summary>
    public long BytesSent => Sum(SentCell);

    public long EndedBy(TunnelEnd end) => Volatile.Read(ref _ended[(int)end]);

    /// <summary>
    /// Takes one of the route's <paramref name="most"/>; true must be followed by <see cref="Leave"/>.
    /// </summary>
    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _open) <= most) return true;
        Interlocked.Decrement(ref _open);
        Interlocked.Increment(ref _refused);
        return false;
    }

    /// <summary>None when no tunnel came of it.</summary>
    public void Leave(TunnelEnd end)
    {
        Interlocked.Decrement(ref _open);
        if (end != TunnelEnd.None) Interlocked.Increment(ref _ended[(int)end]);
    }

    public void AddReceived(EventLoop loop, long bytes) => Add(loop, ReceivedCell, bytes);

    public void AddSent(EventLoop loop, long bytes) => Add(loop, SentCell, bytes);

    private void Add(EventLoop loop, int cell, long bytes)
    {
        ref long at = ref _bytes[((loop.Index + 1) * Stride) + cell];
        Volatile.Write(ref at, at + bytes);
    }

    private long Sum(int cell)
    {
        long sum = 0;
        for (int at = Stride + cell; at < _bytes.Length; at += Stride) sum += Volatile.Read(ref _bytes[at]);
        return sum;
    }
}

namespace DataPlane.Gateway.Loops;

/// <summary>
/// All loops of the process, built once at start; indexes of per-loop arrays run over <see cref="Count"/>.
/// </summary>
public sealed class LoopSet : IDisposable
{
    private readonly EventLoop[] _loops;
    private int _next;

    public LoopSet(int count, Func<int, ILoopEngine> engine, TimeProvider time)
    {
        _loops = new EventLoop[count];
        for (int index = 0; index < count; index++) _loops[index] = new EventLoop(index, engine(index), time);
    }

    public int Count => _loops.Length;

    public EventLoop this[int index] => _loops[index];

    /// <summary>Round robin, for connections that did not come from a loop's own listener. Any thread.</summary>
    public EventLoop Next() => _loops[(int)((uint)Interlocked.Increment(ref _next) % (uint)_loops.Length)];

    public void Start()
    {
        foreach (var loop in _loops) loop.Start();
    }

    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
    }
}

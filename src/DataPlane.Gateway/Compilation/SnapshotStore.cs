namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Holds the one reference everybody reads, and has the upstreams of what is in force watched. Any thread; lock-free.
/// </summary>
public sealed class SnapshotStore
{
    private GatewaySnapshot _current;

    public SnapshotStore(GatewaySnapshot first)
    {
        _current = first;
        first.Start();
    }

    public GatewaySnapshot Current => Volatile.Read(ref _current);

    /// <summary>From now on new exchanges see <paramref name="snapshot"/>; those under way keep theirs.</summary>
    public void Publish(GatewaySnapshot snapshot)
    {
        snapshot.Start();
        var previous = Interlocked.Exchange(ref _current, snapshot);
        if (previous != snapshot) previous.Stop();
    }
}

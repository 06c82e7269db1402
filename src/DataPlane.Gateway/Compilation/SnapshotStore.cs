namespace DataPlane.Gateway.Compilation;

/// <summary>Holds the one reference everybody reads. Any thread; lock-free.</summary>
public sealed class SnapshotStore(GatewaySnapshot first)
{
    private GatewaySnapshot _current = first;

    public GatewaySnapshot Current => Volatile.Read(ref _current);

    /// <summary>From now on new exchanges see <paramref name="snapshot"/>; those under way keep theirs.</summary>
    public void Publish(GatewaySnapshot snapshot) => Volatile.Write(ref _current, snapshot);
}

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Holds the one reference everybody reads, and beside it, while a generation is rolled out, the one that serves a
/// share of the connections; has the upstreams of both watched. Read on any thread, lock-free; written by one thread at
/// a time.
/// </summary>
public sealed class SnapshotStore
{
    private GatewaySnapshot _current;
    private SnapshotShare? _candidate;

    public SnapshotStore(GatewaySnapshot first)
    {
        _current = first;
        first.Start();
    }

    /// <summary>The generation in force.</summary>
    public GatewaySnapshot Current => Volatile.Read(ref _current);

    /// <summary>The generation being rolled out, with its share; null most of the time.</summary>
    public SnapshotShare? Candidate => Volatile.Read(ref _candidate);

    /// <summary>What a connection's next exchange gets, by the lot it drew when it was accepted.</summary>
    public GatewaySnapshot For(uint lot)
    {
        // The candidate first: when it takes over, it becomes the current one before it stops being a candidate.
        var candidate = Volatile.Read(ref _candidate);
        return candidate is null || lot >= candidate.Lots ? Volatile.Read(ref _current) : candidate.Snapshot;
    }

    /// <summary>
    /// From now on new exchanges of every connection see <paramref name="snapshot"/>; those under way keep theirs.
    /// </summary>
    public void Publish(GatewaySnapshot snapshot)
    {
        snapshot.Start();
        var previous = Interlocked.Exchange(ref _current, snapshot);
        var candidate = Interlocked.Exchange(ref _candidate, null);
        StopUnlessServing(previous);
        StopUnlessServing(candidate?.Snapshot);
    }

    /// <summary>Gives <paramref name="snapshot"/> to a share, 0 to 1, of the connections.</summary>
    public void Offer(GatewaySnapshot snapshot, double share)
    {
        snapshot.Start();
        var previous = Interlocked.Exchange(ref _candidate, new SnapshotShare(snapshot, share));
        StopUnlessServing(previous?.Snapshot);
    }

    /// <summary>Everyone is back with the generation in force.</summary>
    public void Withdraw() => StopUnlessServing(Interlocked.Exchange(ref _candidate, null)?.Snapshot);

    private void StopUnlessServing(GatewaySnapshot? snapshot)
    {
        if (snapshot is not null && snapshot != _current && snapshot != _candidate?.Snapshot) snapshot.Stop();
    }
}

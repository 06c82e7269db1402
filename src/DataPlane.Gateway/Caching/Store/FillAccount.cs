namespace DataPlane.Gateway.Caching.Store;

/// <summary>The fills under way in one shard, bounded, and spare ones. Under the shard's gate.</summary>
internal sealed class FillAccount(CacheShard shard)
{
    private readonly Stack<CacheFill> _spares = new();

    /// <summary>What they may take together.</summary>
    public long MostBytes { get; set; }

    public long Bytes { get; private set; }

    public int Count { get; private set; }

    public CacheFill Begin()
    {
        Count++;
        return _spares.TryPop(out var fill) ? fill : new CacheFill(shard);
    }

    public bool MayTake(int bytes) => Count <= CacheLimits.FillsPerShard && Bytes + bytes <= MostBytes;

    public void Take(long bytes) => Bytes += bytes;

    public void End(CacheFill fill, long bytes)
    {
        Count--;
        Bytes -= bytes;
        if (_spares.Count < CacheLimits.SpareFills) _spares.Push(fill);
    }
}

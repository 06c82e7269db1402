namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Carries purges out on the entries they meet, all that were ordered meanwhile in one go, a second after the first. On
/// the thread pool, by <paramref name="time"/>.
/// </summary>
internal sealed class PurgeSweep : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PurgeList _purges;
    private readonly CacheShard[] _shards;
    private readonly ITimer _timer;
    private int _isAsked;

    public PurgeSweep(PurgeList purges, CacheShard[] shards, TimeProvider time)
    {
        _purges = purges;
        _shards = shards;
        _timer = time.CreateTimer(
            static state => ((PurgeSweep)state!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// A purge was ordered: sweeps soon, or here and now when look-ups have too many to compare with.
    /// </summary>
    public void Ask()
    {
        if (_purges.Active.Length >= CacheLimits.ActivePurges) Run();
        else if (Interlocked.Exchange(ref _isAsked, 1) == 0)
            _timer.Change(TimeSpan.FromMilliseconds(CacheLimits.SweepDelayMs), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Run()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isAsked, 0);
            PurgeOrder[] orders = _purges.Active;
            if (orders.Length == 0) return;
            foreach (var shard in _shards) shard.Sweep(orders);
            _purges.Retire(orders[^1].Stamp);
        }
    }
}

using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// Brings entries back from disk on the thread pool, a few at a time, and tells the flight that waits for each. Any
/// thread; a copy of the key for each.
/// </summary>
internal sealed class StoreReads(CacheStore store)
{
    /// <summary>Reads at once: each has a thread of the pool and 200 KiB.</summary>
    private const int Workers = 8;

    /// <summary>Reads that wait for one of them; with more, requests go upstream.</summary>
    private const int MostWaiting = 256;

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Key, Flight Flight, ulong FlightKey)> _waiting = new();
    private readonly Stack<Worker> _idle = new();
    private int _workers;

    /// <summary>When true, the flight ends when the entry is in memory again, or cannot be had.</summary>
    public bool TryAdd(ReadOnlySpan<byte> key, Flight flight, ulong flightKey)
    {
        byte[] copy = key.ToArray();
        Worker? worker;
        lock (_gate)
        {
            if (_waiting.Count == MostWaiting) return false;
            _waiting.Enqueue((copy, flight, flightKey));
            if (!_idle.TryPop(out worker) && _workers < Workers)
            {
                _workers++;
                worker = new Worker(this, store);
            }
        }
        if (worker is not null) ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false);
        return true;
    }

    private bool TryTake(Worker worker, out (byte[] Key, Flight Flight, ulong FlightKey) read)
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out read)) return true;
            _idle.Push(worker);
            return false;
        }
    }

    private sealed class Worker(StoreReads reads, CacheStore store) : IThreadPoolWorkItem
    {
        private readonly DiskReader _reader = store.Disk!.NewReader();

        public void Execute()
        {
            while (reads.TryTake(this, out var read))
            {
                try
                {
                    store.Restore(read.Key, _reader);
                }
                finally
                {
                    read.Flight.Leave(read.FlightKey, FlightEnd.Stored, unsharedUntilMs: 0);
                }
            }
        }
    }
}

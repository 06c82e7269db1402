namespace DataPlane.Lambda.Queue;

/// <summary>The entries for one function or destination, by their time. Queue's thread.</summary>
internal sealed class QueueBacklog(QueueKind kind, string target, QueueCounters counters)
{
    private readonly PriorityQueue<QueueEntry, (long DueMs, long Id)> _waiting = new();

    // In the order they came; those that have gone are passed over when they come first.
    private readonly Queue<QueueEntry> _byAge = new();

    public QueueKind Kind => kind;

    public string Target => target;

    public QueueCounters Counters => counters;

    public int Running { get; private set; }

    public int Count { get; private set; }

    /// <summary>When the next one is due; null when none waits.</summary>
    public long? NextDueMs => _waiting.TryPeek(out _, out var first) ? first.DueMs : null;

    public IEnumerable<QueueEntry> Waiting => _waiting.UnorderedItems.Select(each => each.Element);

    public void Add(QueueEntry entry)
    {
        _waiting.Enqueue(entry, (entry.DueMs, entry.Id));
        _byAge.Enqueue(entry);
        Count++;
        counters.Bytes += entry.Bytes;
        Tell();
    }

    /// <summary>The next one that is due, which then runs; null for none.</summary>
    public QueueEntry? Take(long nowMs)
    {
        if (!_waiting.TryPeek(out var entry, out var first) || first.DueMs > nowMs) return null;
        _waiting.Dequeue();
        Running++;
        Tell();
        return entry;
    }

    /// <summary>An attempt has ended; another one follows.</summary>
    public void Return(QueueEntry entry, QueueVerdict verdict)
    {
        Running--;
        entry.DueMs = verdict.DueMs;
        entry.Attempts = verdict.Attempts;
        entry.Throttles = verdict.Throttles;
        _waiting.Enqueue(entry, (entry.DueMs, entry.Id));
        counters.Retries++;
        Tell();
    }

    /// <summary>An attempt has ended, and the entry has left the file.</summary>
    public void Remove(QueueEntry entry)
    {
        Running--;
        entry.IsGone = true;
        Count--;
        counters.Bytes -= entry.Bytes;
        Tell();
    }

    private void Tell()
    {
        while (_byAge.TryPeek(out var oldest) && oldest.IsGone) _byAge.Dequeue();
        counters.Entries = Count;
        counters.Running = Running;
        counters.OldestMs = _byAge.TryPeek(out var first) ? first.QueuedMs : 0;
    }
}

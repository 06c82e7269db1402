namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>One policy's bound on requests under way per caller, with what it refused. Immutable; any thread.</summary>
public sealed class ConcurrencyLimiter(ConcurrencyTable table, RefusalCount refused)
{
    public required string Name { get; init; }

    /// <summary>Most of one caller under way at once.</summary>
    public required int Most { get; init; }

    /// <summary>Counts, and refuses nothing.</summary>
    public bool IsShadow { get; init; }

    public ConcurrencyTable Table => table;

    /// <summary>Requests refused, or that would have been.</summary>
    public long Refused => refused.Read();

    /// <summary>As the table's. Loop thread; 0 bytes.</summary>
    public bool TryEnter(ulong caller, Loops.EventLoop loop, out int place)
    {
        if (table.TryEnter(caller, Most, out place)) return true;
        refused.Add(loop.Index);
        return false;
    }
}

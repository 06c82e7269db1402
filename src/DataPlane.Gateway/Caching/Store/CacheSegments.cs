namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The segments of a stored body in order: <c>foreach (var segment in lease.Body)</c>. An enumerator of its own, so that
/// it may live over an <c>await</c>, and is 0 bytes.
/// </summary>
internal struct CacheSegments
{
    private readonly StoredEntry? _entry;
    private int _next;

    internal CacheSegments(StoredEntry? entry) => _entry = entry;

    public CacheSegment Current { get; private set; }

    public readonly CacheSegments GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_entry is null || _next >= _entry.Body.Length) return false;
        int length = Math.Min(CacheSegment.MaxBytes, _entry.Body.Length - _next);
        Current = new CacheSegment(_entry.Body.AsMemory(_next, length), length, compressor: null);
        _next += length;
        return true;
    }
}

using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Benchmarks;

/// <summary>Look-ups and fills of the response cache's store, which is full.</summary>
[MemoryDiagnoser]
public class CacheStoreBenchmarks
{
    private const int Entries = 10_000;

    private readonly CacheStore _store = new(
        32 * 1024 * 1024, 256 * 1024, TimeProvider.System, compressor: null, compressAboveBytes: 0);

    private readonly byte[][] _keys =
    [
        .. Enumerable.Range(0, 2 * Entries)
            .Select(each => Encoding.ASCII.GetBytes($"https shop.example.com /v1/products/{each:D8}?page=1")),
    ];

    private readonly byte[] _head = new byte[200];
    private readonly byte[] _body = new byte[1024];
    private readonly byte[] _tags = "product category-7"u8.ToArray();
    private readonly byte[] _url = "https://shop.example.com/v1/products/"u8.ToArray();
    private readonly byte[] _missing = "https shop.example.com /v1/products/none?page=1"u8.ToArray();
    private readonly (long One, long Two, long Three, long Four) _meta = (1, 2, 3, 4);
    private int _next;
    private int _newcomer;

    [GlobalSetup]
    public void SetUp()
    {
        for (int each = 0; each < Entries; each++) Expect.That(Store(_keys[each]), "an entry is stored");
        Expect.That(Hit(), "the first is there");
        Expect.That(!Miss(), "none is not");
        Expect.That(HitAnyOfTenThousand(), "each is there");
    }

    [GlobalCleanup]
    public void CleanUp() => _store.Dispose();

    /// <summary>Look-up and release of one entry with a key of 52 bytes.</summary>
    [Benchmark]
    public bool Hit()
    {
        bool isFound = _store.TryGet(_keys[0], out var lease);
        lease.Dispose();
        return isFound;
    }

    /// <summary>Ten thousand in turn: they are not all in the nearest cache.</summary>
    [Benchmark]
    public bool HitAnyOfTenThousand()
    {
        _next = _next == Entries - 1 ? 0 : _next + 1;
        bool isFound = _store.TryGet(_keys[_next], out var lease);
        lease.Dispose();
        return isFound;
    }

    /// <summary>What sending an entry asks of it: meta, head and the segments of the body.</summary>
    [Benchmark]
    public int HitAndRead()
    {
        if (!_store.TryGet(_keys[0], out var lease)) return 0;
        int bytes = lease.Head.Length + (int)lease.Meta<(long One, long Two, long Three, long Four)>().One;
        foreach (var segment in lease.Body) bytes += segment.Stored.Length;
        lease.Dispose();
        return bytes;
    }

    [Benchmark]
    public bool Miss() => _store.TryGet(_missing, out _);

    /// <summary>A body of 1 KB that replaces what was under its key.</summary>
    [Benchmark]
    public bool Refill() => Store(_keys[0]);

    /// <summary>A 304: another head over the same body.</summary>
    [Benchmark]
    public bool Refresh()
    {
        _store.TryGet(_keys[1], out var lease);
        bool isDone = _store.UpdateHead(ref lease, _head, _meta);
        lease.Dispose();
        return isDone;
    }

    /// <summary>A body of 1 KB under a key that is not there; when the store is full, another entry goes.</summary>
    [Benchmark]
    public bool FillAndEvict()
    {
        byte[] key = _keys[Entries];
        BitConverter.TryWriteBytes(key.AsSpan(key.Length - 4), ++_newcomer);
        return Store(key);
    }

    [Benchmark]
    public bool FillAndRemove()
    {
        Store(_keys[Entries + 1]);
        return _store.Remove(_keys[Entries + 1]);
    }

    private bool Store(byte[] key)
    {
        var fill = _store.Begin(key, _body.Length);
        fill.Append(_body);
        return fill.Commit(_head, _meta, _tags, _url);
    }
}

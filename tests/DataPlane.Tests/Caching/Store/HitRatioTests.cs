using DataPlane.Gateway.Caching.Store;
using Xunit.Abstractions;

namespace DataPlane.Tests.Caching.Store;

/// <summary>
/// The store under a trace of a published shape: requests of popularity 1/rank^0.9 (Breslau and others, "Web caching
/// and Zipf-like distributions", 1999, found 0.64 to 0.83 at proxies and higher closer to the content), and scans over
/// keys that nobody asks for again. All entries weigh the same, so that Belady's choice is the optimum.
/// </summary>
public sealed class HitRatioTests(ITestOutputHelper output)
{
    private const int Objects = 20_000;
    private const int Requests = 400_000;

    [Theory]
    [InlineData(0.9, 0, 500)]
    [InlineData(0.9, 0, 2000)]
    [InlineData(0.9, 20, 500)]
    [InlineData(0.9, 20, 2000)]
    [InlineData(0.9, 50, 2000)]
    [InlineData(0.8, 20, 2000)]
    public void ZipfWithScans_IsHitMoreOftenThanByLru(double alpha, int scanPercent, int entries)
    {
        int[] trace = Trace(alpha, scanPercent, seed: 42);
        double ours = Ours(trace, entries, out int held);
        double lru = Lru(trace, held);
        double best = Belady(trace, held);
        output.WriteLine(
            $"alpha {alpha}, {scanPercent} % scans, {held} of {Objects}: "
            + $"LRU {lru:P1}, store {ours:P1}, optimum {best:P1}");
        Assert.True(best > ours && best > lru, "the optimum is one");
        Assert.True(ours > lru * 1.05, $"{ours:P2} is not better than LRU's {lru:P2}");
        Assert.True(ours > best * 0.7, $"{ours:P2} is far from {best:P2}");
    }

    /// <summary>A scan comes in runs of a thousand keys, each once, as a crawler's do.</summary>
    private static int[] Trace(double alpha, int scanPercent, int seed)
    {
        double[] sums = new double[Objects];
        double sum = 0;
        for (int rank = 0; rank < Objects; rank++) sums[rank] = sum += Math.Pow(rank + 1, -alpha);
        var random = new Random(seed);
        int[] trace = new int[Requests];
        int scanned = Objects;
        int scan = 0;
        for (int at = 0; at < Requests; at++)
        {
            if (scan == 0 && random.Next(100_000) < scanPercent * 100 / (100 - scanPercent)) scan = 1000;
            if (scan > 0)
            {
                scan--;
                trace[at] = scanned++;
                continue;
            }
            int found = Array.BinarySearch(sums, random.NextDouble() * sum);
            trace[at] = found < 0 ? ~found : found;
        }
        return trace;
    }

    private static double Lru(int[] trace, int entries)
    {
        var order = new LinkedList<int>();
        var places = new Dictionary<int, LinkedListNode<int>>();
        int hits = 0;
        foreach (int key in trace)
        {
            if (places.TryGetValue(key, out var node))
            {
                hits++;
                order.Remove(node);
                order.AddLast(node);
                continue;
            }
            if (places.Count == entries)
            {
                places.Remove(order.First!.Value);
                order.RemoveFirst();
            }
            places.Add(key, order.AddLast(key));
        }
        return (double)hits / trace.Length;
    }

    /// <summary>Who is asked for last goes, which may be the newcomer.</summary>
    private static double Belady(int[] trace, int entries)
    {
        int[] next = new int[trace.Length];
        var last = new Dictionary<int, int>();
        for (int at = trace.Length - 1; at >= 0; at--)
        {
            next[at] = last.GetValueOrDefault(trace[at], int.MaxValue);
            last[trace[at]] = at;
        }
        var held = new Dictionary<int, int>();
        var byNext = new SortedSet<(int Next, int Key)>();
        int hits = 0;
        for (int at = 0; at < trace.Length; at++)
        {
            if (held.Remove(trace[at], out int expected))
            {
                hits++;
                byNext.Remove((expected, trace[at]));
            }
            held.Add(trace[at], next[at]);
            byNext.Add((next[at], trace[at]));
            if (held.Count <= entries) continue;
            var latest = byNext.Max;
            byNext.Remove(latest);
            held.Remove(latest.Key);
        }
        return (double)hits / trace.Length;
    }

    /// <summary>Entries of 1000 bytes, as many as there is room for: so many the others get.</summary>
    private static double Ours(int[] trace, int entries, out int held)
    {
        using var store = new CacheStore(
            CapacityFor(entries), 10_000, TimeProvider.System, compressor: null, compressAboveBytes: 0, shards: 1);
        byte[] body = new byte[1000];
        int hits = 0;
        foreach (int key in trace)
        {
            byte[] keyBytes = BitConverter.GetBytes(key);
            if (store.TryGet(keyBytes, out var lease))
            {
                hits++;
                lease.Dispose();
                continue;
            }
            var fill = store.Begin(keyBytes, body.Length);
            fill.Append(body);
            Assert.True(fill.Commit(default, 0L, default, default));
        }
        held = (int)store.Counts.Entries;
        Assert.InRange(held, entries * 0.9, entries * 1.1);
        return (double)hits / trace.Length;
    }

    /// <summary>A body with its header is 1040 bytes, the record 64, the row 128; 3 % is the index.</summary>
    private static long CapacityFor(int entries) => (entries * 1232L * 103 / 100) + 10_000;
}

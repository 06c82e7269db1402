using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>
/// Several threads on few keys and little memory. Every byte of an entry follows from its key and a number in its meta,
/// and freed memory is overwritten: a lease on what is no longer there, or on half of it, shows.
/// </summary>
public sealed class StoreStressTests
{
    private const int Keys = 400;

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    public void LeasesHeldOverEvictionAndPurge_StayWhole(int shards, bool isPacked)
    {
        using var store = new CacheStore(
            600_000, 30_000, TimeProvider.System, isPacked ? new RunLengthCompressor() : null, 1024, shards,
            poisons: true);
        var work = Enumerable.Range(0, 4).Select(seed => new Worker(store, seed)).ToList();
        var threads = work.ConvertAll(worker => new Thread(worker.Run));
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(work, worker => Assert.Null(worker.Fault));
        Assert.True(work.Sum(worker => worker.Hits) > 10_000, "leases were checked");
        Assert.True(store.Counts.EvictionsTotal > 1000, "entries were evicted");
        Assert.True(store.Counts.PurgedTotal > 1000, "entries were purged");
        CacheStoreTests.AssertNoFills(store);
        AssertEmptied(store);
    }

    /// <summary>When nobody uses anything, purging everything gives everything back.</summary>
    private static void AssertEmptied(CacheStore store)
    {
        store.PurgeAll();
        for (int each = 0; each < CacheLimits.ActivePurges; each++) store.PurgeTag("none"u8);
        SpinWait.SpinUntil(() => store.Counts.Entries == 0, TimeSpan.FromSeconds(10));
        var counts = store.Counts;
        Assert.Equal(0, counts.Entries);
        Assert.Equal(0, counts.SavedBytes);
        Assert.InRange(counts.Bytes, 0, 150_000);
        for (int key = 0; key < 20; key++)
        {
            var fill = store.Begin(BitConverter.GetBytes(key), 20_000);
            Assert.True(fill.Append(new byte[20_000]));
            Assert.True(fill.Commit(default, 0L, default, default));
        }
    }

    private sealed class Worker(CacheStore store, int seed)
    {
        private const int MostLeases = 5;

        private readonly Random _random = new(seed);
        private readonly Queue<CacheLease> _leases = new();
        private readonly byte[] _buffer = new byte[CacheSegment.MaxBytes];

        public int Hits { get; private set; }

        public Exception? Fault { get; private set; }

        public void Run()
        {
            try
            {
                for (int step = 0; step < 60_000; step++) Step();
                while (_leases.TryDequeue(out var lease)) CheckAndDispose(lease);
            }
            catch (Exception fault)
            {
                Fault = fault;
            }
        }

        private void Step()
        {
            int key = _random.Next(Keys) & _random.Next(Keys);
            byte[] keyBytes = KeyOf(key);
            int choice = _random.Next(1000);
            if (choice < 5) store.PurgeTag(Bytes("t" + (key % 50)), isSoft: choice < 2);
            else if (choice < 30) store.Remove(keyBytes, isSoft: choice < 10);
            else if (choice < 32) store.Resize(_random.Next(500_000, 700_000), 30_000);
            else if (choice < 400) Fill(key, keyBytes);
            else if (store.TryGet(keyBytes, out var lease)) Use(lease, isRefreshed: choice > 950);
        }

        private void Use(CacheLease lease, bool isRefreshed)
        {
            Hits++;
            if (isRefreshed) store.UpdateHead(ref lease, lease.Head.Span, lease.Meta<int>());
            Check(lease);
            _leases.Enqueue(lease);
            if (_leases.Count > MostLeases) CheckAndDispose(_leases.Dequeue());
        }

        private void Fill(int key, byte[] keyBytes)
        {
            int number = _random.Next();
            int length = number % 20_000 >> (number % 9);
            var fill = store.Begin(keyBytes, (number & 1) == 0 ? length : -1);
            var body = _buffer.AsSpan(0, length);
            body.Fill(Mark(key, number));
            fill.Append(body[..(length / 3)]);
            if (!fill.Append(body[(length / 3)..]) || number % 13 == 0) fill.Abort();
            else fill.Commit(body[..Math.Min(100, length)], number, Bytes("t" + (key % 50)), default);
        }

        private void CheckAndDispose(CacheLease lease)
        {
            Check(lease);
            lease.Dispose();
        }

        private void Check(in CacheLease lease)
        {
            int key = BitConverter.ToInt32(lease.Key);
            int number = lease.Meta<int>();
            Assert.True(lease.Key.SequenceEqual(KeyOf(key)), "the key");
            byte mark = Mark(key, number);
            Assert.False(lease.Head.Span.ContainsAnyExcept(mark), "the head");
            long length = 0;
            foreach (var segment in lease.Body)
            {
                Assert.True(segment.CopyTo(_buffer), "unpacked");
                Assert.False(_buffer.AsSpan(0, segment.BodyBytes).ContainsAnyExcept(mark), "the body");
                length += segment.BodyBytes;
            }
            Assert.Equal(number % 20_000 >> (number % 9), length);
        }

        private static byte Mark(int key, int number) => (byte)((key * 31) + number);

        private static byte[] KeyOf(int key) => [.. BitConverter.GetBytes(key), .. Bytes(new string('k', key % 40))];
    }
}

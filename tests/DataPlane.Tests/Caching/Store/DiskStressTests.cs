using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>
/// Several threads on little memory and a small disk. Each fills and removes keys of its own, so it knows what each of
/// them has to be; and brings back anybody's, while that one removes it.
/// </summary>
public sealed class DiskStressTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cache-disk-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    public void WhatWasReplacedOrRemoved_NeverComesBack(int shards, bool isPacked)
    {
        var disk = new DiskTier(_folder.FullName, 2 << 20, TimeProvider.System, new CacheJournal());
        using var store = new CacheStore(
            400_000, 30_000, TimeProvider.System, isPacked ? new RunLengthCompressor() : null, 6_000, shards,
            poisons: true, disk);
        var work = Enumerable.Range(0, Worker.Threads).Select(seed => new Worker(store, seed)).ToList();
        var threads = work.ConvertAll(worker => new Thread(worker.Run));
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(work, worker => Assert.Null(worker.Fault));
        var counts = disk.Counts;
        Console.WriteLine($"disk under stress: {counts}, {work.Sum(worker => worker.Hits)} hits");
        Assert.True(counts.HitsTotal > 1000, "entries came back");
        Assert.Equal(0, counts.ErrorsTotal);
        Assert.InRange(counts.Bytes, 0, 2 << 20);
        CacheStoreTests.AssertNoFills(store);
    }

    private sealed class Worker(CacheStore store, int seed)
    {
        public const int Threads = 3;
        private const int Keys = 150;
        private const int None = -1;

        private readonly Random _random = new(seed);
        private readonly int[] _known = [.. Enumerable.Repeat(None, Keys)];
        private readonly byte[] _buffer = new byte[CacheSegment.MaxBytes];
        private readonly DiskReader _reader = store.Disk!.NewReader();

        public int Hits { get; private set; }

        public Exception? Fault { get; private set; }

        public void Run()
        {
            try
            {
                for (int step = 0; step < 30_000; step++) Step();
            }
            catch (Exception fault)
            {
                Fault = fault;
            }
        }

        private void Step()
        {
            int key = _random.Next(Keys);
            int choice = _random.Next(100);
            if (choice < 25) Fill(key);
            else if (choice < 30) Remove(key, choice);
            else if (choice < 50) store.Restore(KeyOf(_random.Next(Threads), key), _reader);
            else if (choice < 60 && store.IsOnDisk(KeyOf(seed, key))) store.Restore(KeyOf(seed, key), _reader);
            else Check(key);
        }

        private void Fill(int key)
        {
            // Else nearly everything would be dropped: one thread writes for three that fill.
            while (_random.Next(10) > 0 && !store.Disk!.HasRoom) Thread.Yield();
            int number = _random.Next();
            var fill = store.Begin(KeyOf(seed, key), -1);
            var body = _buffer.AsSpan(0, number % 9_000);
            body.Fill((byte)number);
            // What is not stored leaves what was there.
            if (fill.Append(body))
            {
                if (fill.Commit(default, number, Bytes($"t{seed}-{key}"), UrlOf(key))) _known[key] = number;
            }
            else
            {
                fill.Abort();
            }
        }

        private void Remove(int key, int choice)
        {
            if (choice < 27) store.Remove(KeyOf(seed, key));
            else if (choice < 29) store.PurgeUrl(UrlOf(key));
            else if (_random.Next(20) == 0) store.PurgeTag(Bytes($"t{seed}-{key}"));
            else return;
            _known[key] = None;
        }

        private void Check(int key)
        {
            if (!store.TryGet(KeyOf(seed, key), out var lease)) return;
            using (lease)
            {
                Hits++;
                int number = lease.Meta<int>();
                Assert.Equal(_known[key], number);
                Assert.Equal(number % 9_000, lease.BodyBytes);
                foreach (var segment in lease.Body)
                {
                    Assert.True(segment.CopyTo(_buffer));
                    Assert.False(_buffer.AsSpan(0, segment.BodyBytes).ContainsAnyExcept((byte)number));
                }
            }
        }

        private byte[] UrlOf(int key) => Bytes($"/{seed}/{key}");

        private static byte[] KeyOf(int owner, int key) => Bytes($"{owner}:{key}");
    }
}

using DataPlane.Gateway.Policies.RateLimiting;

namespace DataPlane.Tests.Policies.RateLimiting;

/// <summary>The table decides as a bucket of tokens would, whoever asks, however many they are.</summary>
public sealed class GcraTableTests
{
    private const long TicksPerSecond = 1_000_000_000;

    /// <summary>A bucket that is filled by every tick that passes, written for reading only.</summary>
    private sealed class Bucket(RateLimit limit)
    {
        private long _level = limit.ToleranceTicks;
        private long _seen;

        public bool TryTake(int cost, long now)
        {
            _level = Math.Min(limit.ToleranceTicks, _level + now - _seen);
            _seen = now;
            if (_level < cost * limit.IntervalTicks) return false;
            _level -= cost * limit.IntervalTicks;
            return true;
        }

        public long Remaining => _level / limit.IntervalTicks;

        public long UntilGranted(int cost) => (cost * limit.IntervalTicks) - _level;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void AnyRequests_AreDecidedAsByABucket(int seed)
    {
        var random = new Random(seed);
        var limit = new RateLimit(random.Next(1, 500), TimeSpan.FromSeconds(1), random.Next(5, 40), TicksPerSecond);
        var table = new GcraTable(1024);
        var buckets = new Dictionary<ulong, Bucket>();
        long now = TicksPerSecond;
        for (int each = 0; each < 20_000; each++)
        {
            now += random.Next(3) switch { 0 => 0, 1 => random.Next(1000), _ => random.Next((int)limit.IntervalTicks) };
            ulong caller = (ulong)random.Next(1, 8) * 0x9E3779B97F4A7C15;
            int cost = random.Next(1, 5);
            if (!buckets.TryGetValue(caller, out var bucket)) buckets.Add(caller, bucket = new Bucket(limit));
            bool isGranted = bucket.TryTake(cost, now);
            Assert.Equal(isGranted, table.TryTake(caller, limit, cost, now, out var state));
            Assert.Equal(bucket.Remaining, state.Remaining);
            Assert.Equal(isGranted ? 0 : bucket.UntilGranted(cost), state.WaitTicks);
        }
        Assert.Equal(7, table.Callers);
    }

    [Fact]
    public void RefusedCaller_IsGrantedAfterTheTimeItWasTold()
    {
        var limit = new RateLimit(100, TimeSpan.FromMinutes(1), burst: 2, TicksPerSecond);
        var table = new GcraTable(1024);
        Assert.True(table.TryTake(7, limit, 2, 0, out _));
        Assert.False(table.TryTake(7, limit, 1, 0, out var state));
        Assert.Equal(600_000_000, state.WaitTicks);
        Assert.Equal(1_200_000_000, state.ResetTicks);
        Assert.False(table.TryTake(7, limit, 1, state.WaitTicks - 1, out _));
        Assert.True(table.TryTake(7, limit, 1, state.WaitTicks, out _));
    }

    [Fact]
    public void ForgottenCaller_IsNotGrantedMore()
    {
        var limit = new RateLimit(1, TimeSpan.FromMinutes(1), burst: 3, TicksPerSecond);
        var table = new GcraTable(8);
        for (int each = 0; each < 3; each++) Assert.True(table.TryTake(99, limit, 1, 0, out _));
        for (ulong other = 100; other < 10_000; other++)
        {
            for (int each = 0; each < 3; each++) table.TryTake(other, limit, 1, 0, out _);
        }
        Assert.True(table.Evictions > 1000);
        Assert.False(table.TryTake(99, limit, 1, 0, out _));
    }

    [Fact]
    public void CallerAheadOfItsRate_KeepsItsPlaceInAFloodOfOthers()
    {
        var limit = new RateLimit(10, TimeSpan.FromSeconds(1), burst: 10, TicksPerSecond);
        var table = new GcraTable(4096);
        var bucket = new Bucket(limit);
        long now = TicksPerSecond;
        ulong key = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        // 20,000 others a second, each once; the honest caller asks 12 times a second and gets his 10.
        for (int moment = 0; moment < 10_000_000; moment++)
        {
            now += TicksPerSecond / 20_000;
            table.TryTake((key += 0x9E3779B97F4A7C15) | 1UL << 63, limit, 1, now, out _);
            if (moment % 1666 != 0) continue;
            if (bucket.TryTake(1, now) != table.TryTake(42, limit, 1, now, out _)) Assert.Fail($"at {now}");
        }
        Assert.Equal(allocated, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(table.Evictions > 9_000_000);
        Assert.Equal(table.Capacity, table.Callers);
    }

    [Fact]
    public void WhatIsReturned_MayBeTakenAgain()
    {
        var limit = new RateLimit(1, TimeSpan.FromHours(1), burst: 1, TicksPerSecond);
        var table = new GcraTable(8);
        Assert.True(table.TryTake(5, limit, 1, 0, out _));
        Assert.False(table.TryTake(5, limit, 1, 0, out _));
        table.Return(5, limit, 1);
        Assert.True(table.TryTake(5, limit, 1, 0, out _));
    }

    [Fact]
    public void ManyThreads_AreGrantedExactlyTheBurst()
    {
        const int Threads = 4;
        const int Callers = 500;
        var limit = new RateLimit(1, TimeSpan.FromHours(1), burst: 37, TicksPerSecond);
        var table = new GcraTable(64 * 1024);
        int[] granted = new int[Callers];
        var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            var random = new Random(index);
            for (int each = 0; each < 100_000; each++)
            {
                int caller = random.Next(Callers);
                if (table.TryTake((ulong)(caller + 1) * 0xBF58476D1CE4E5B9, limit, 1, nowTicks: 5, out _))
                    Interlocked.Increment(ref granted[caller]);
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.All(granted, count => Assert.Equal(37, count));
        Assert.Equal(Callers, table.Callers);
    }
}

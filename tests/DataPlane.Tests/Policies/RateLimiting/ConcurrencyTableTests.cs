using DataPlane.Gateway.Policies.RateLimiting;

namespace DataPlane.Tests.Policies.RateLimiting;

public sealed class ConcurrencyTableTests
{
    [Fact]
    public void Caller_HasItsNumberUnderWay_AndOneMoreWhenOneEnds()
    {
        var table = new ConcurrencyTable(1024);
        int[] places = [Enter(table, 7, 2), Enter(table, 7, 2)];
        Assert.False(table.TryEnter(7, 2, out _));
        Enter(table, 8, 2);
        table.Leave(places[1]);
        Enter(table, 7, 2);
        Assert.False(table.TryEnter(7, 2, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyOrder_IsCountedAsByADictionary(int seed)
    {
        var random = new Random(seed);
        // Ten buckets' worth of room for few callers: nobody has to share.
        var table = new ConcurrencyTable(1 << 16);
        var underWay = new Dictionary<ulong, Stack<int>>();
        for (int each = 0; each < 20_000; each++)
        {
            ulong caller = Spread(random.Next(50));
            if (!underWay.TryGetValue(caller, out var places)) underWay[caller] = places = new Stack<int>();
            if (random.Next(2) == 0 && places.Count > 0)
            {
                table.Leave(places.Pop());
                continue;
            }
            bool isIn = table.TryEnter(caller, 5, out int place);
            Assert.Equal(places.Count < 5, isIn);
            if (isIn) places.Push(place);
        }
        Assert.Equal(0, table.Shared);
    }

    [Fact]
    public void FullBucket_CountsNewcomersTogether_AndNeverMoreThanAllowed()
    {
        var table = new ConcurrencyTable(8);
        var places = new List<int>();
        for (ulong caller = 1; caller <= 100; caller++)
        {
            if (table.TryEnter(caller << 16, 3, out int place)) places.Add(place);
        }
        Assert.Equal(8 * 3, places.Count);
        Assert.Equal((8 * 3) - 8, table.Shared);
        places.ForEach(table.Leave);
        for (int each = 0; each < 3; each++) Enter(table, 5ul << 16, 3);
        Assert.False(table.TryEnter(5ul << 16, 3, out _));
    }

    [Fact]
    public void ManyThreads_NeverHaveMoreThanAllowedUnderWay()
    {
        const int Most = 3;
        var table = new ConcurrencyTable(8);
        int[] underWay = new int[4];
        int tooMany = 0;
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int each = 0; each < 200_000; each++)
            {
                int caller = random.Next(underWay.Length);
                if (!table.TryEnter((ulong)(caller + 1) << 20, Most, out int place)) continue;
                if (Interlocked.Increment(ref underWay[caller]) > Most) Interlocked.Increment(ref tooMany);
                Interlocked.Decrement(ref underWay[caller]);
                table.Leave(place);
            }
        })).ToList();
        threads.ForEach(each => each.Start());
        threads.ForEach(each => each.Join());
        Assert.Equal(0, tooMany);
        for (int each = 0; each < Most; each++) Enter(table, 1ul << 20, Most);
        Assert.False(table.TryEnter(1ul << 20, Most, out _));
    }

    [Fact]
    public void ManyMillionCallers_LeaveNothingBehind()
    {
        var table = new ConcurrencyTable(1024);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int caller = 0; caller < 10_000_000; caller++)
        {
            Assert.True(table.TryEnter(Spread(caller), 1, out int place));
            table.Leave(place);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, table.Shared);
    }

    private static ulong Spread(int number) => (ulong)(number + 1) * 0x9E3779B97F4A7C15;

    private static int Enter(ConcurrencyTable table, ulong caller, int most)
    {
        Assert.True(table.TryEnter(caller, most, out int place));
        return place;
    }
}

using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class ShardedCounterTests
{
    [Fact]
    public void EachShardAdds_SumIsTheTotal()
    {
        var counter = new ShardedCounter(3);
        for (int shard = 0; shard < 3; shard++) counter.Add(shard, shard + 1);
        Assert.Equal(6, counter.Read());
    }

    [Fact]
    public async Task ShardsCountAtOnce_NothingIsLostAndReadsNeverFall()
    {
        const int Shards = 4;
        const int Each = 500_000;
        var counter = new ShardedCounter(Shards);
        var writers = Enumerable.Range(0, Shards)
            .Select(shard => Task.Run(() =>
            {
                for (int count = 0; count < Each; count++) counter.Add(shard, 1);
            }))
            .ToArray();
        long last = 0;
        while (!Task.WhenAll(writers).IsCompleted)
        {
            long now = counter.Read();
            Assert.True(now >= last, $"fell from {last} to {now}");
            last = now;
        }
        await Task.WhenAll(writers);
        Assert.Equal((long)Shards * Each, counter.Read());
    }
}
